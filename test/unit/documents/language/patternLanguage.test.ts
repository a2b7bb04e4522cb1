import assert from 'node:assert/strict';
import { patternLanguage } from '../../../../src/documents/language/patternLanguage.ts';

describe('patternLanguage', () => {
  const patterns = {
    '*.tmpl': 'html',
    '/config/**': 'yaml',
    '/config/*/raw': 'plaintext',
    'services/*': 'json',
    bad: 7,
  };
  const cases: readonly (readonly [key: string, language: string | undefined])[] = [
    ['/a/page.tmpl', 'html'],
    ['/config/app/x', 'yaml'],
    ['/config/app/x.tmpl', 'yaml'],
    ['/config/app/raw', 'plaintext'],
    ['/config/app/deep/raw', 'yaml'],
    ['services/web', 'json'],
    ['/services/web', undefined],
    ['/other', undefined],
    ['/a/bad', undefined],
  ];
  for (const [key, language] of cases)
    it(`finds ${language ?? 'none'} for ${key}`, () => assert.equal(patternLanguage(key, patterns), language));
});
