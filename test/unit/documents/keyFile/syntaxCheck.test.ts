import assert from 'node:assert/strict';
import { syntaxProblem } from '../../../../src/documents/keyFile/syntaxCheck.ts';

describe('syntaxProblem', () => {
  const valid: readonly (readonly [string, string])[] = [
    ['json', '{"a": [1, null]}'],
    ['json', '\ufeff{}\n'],
    ['yaml', 'a: 1\n---\nb: [x, y]\n'],
    ['toml', '[a]\nb = 1979-05-27\n'],
    ['xml', '<?xml version="1.0"?><a b="c"><d/></a>'],
    ['json', ' \n'],
    ['ini', '[a'],
    ['plaintext', '{'],
  ];
  const wrong: readonly (readonly [string, string])[] = [
    ['json', '{"a": [1, null}'],
    ['json', '{"a": 1,}'],
    ['yaml', 'a: [1'],
    ['yaml', 'a: 1\n\tb: 2'],
    ['toml', '[a]\nb = \n'],
    ['xml', '<a><b></a>'],
  ];

  it('finds nothing wrong with what is valid, empty, or of another language', () => {
    for (const [language, text] of valid) assert.equal(syntaxProblem(language, text), undefined, text);
  });

  it('says in one line what is wrong', () => {
    for (const [language, text] of wrong) assert.match(syntaxProblem(language, text) ?? '', /^[^\n]{5,}$/, text);
  });
});
