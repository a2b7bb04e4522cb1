// Loaded as one bundle when the first document is opened.
export { patternLanguage } from './patternLanguage.ts';
export { suggestLanguage } from './suggestLanguage.ts';
