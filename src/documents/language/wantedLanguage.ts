// Loaded as one bundle when the first document is opened.
export { patternLanguage } from './languageOfName.ts';
export { suggestLanguage } from './languageOfText.ts';
