import assert from 'node:assert/strict';
import { openConflicts } from '../../../../src/documents/merging/openConflicts.ts';

describe('openConflicts', () => {
  const base = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
  const theirs = 'ONE\ntwo\nthree theirs\nfour\nfive theirs\nsix\nseven\n';
  const mine = 'one\ntwo\nthree mine\nfour\nfive mine\nsix\nSEVEN\n';
  const count = (result: string) => openConflicts({ base, theirs, mine }, result);

  it('counts what both changed and the result has as it was before', () => {
    assert.equal(count('ONE\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n'), 2);
    assert.equal(count('ONE\ntwo\nthree mine\nfour\nfive\nsix\nSEVEN\n'), 1);
  });

  it('takes a place that has either side, both, or something else for settled', () => {
    assert.equal(count('ONE\ntwo\nthree theirs\nfour\nfive mine\nsix\nSEVEN\n'), 0);
    assert.equal(count('ONE\ntwo\nthree theirs\nthree mine\nfour\n5\nsix\nSEVEN\n'), 0);
    assert.equal(count('something else'), 0);
  });

  it('knows no conflict where the same was changed, or other lines', () => {
    assert.equal(openConflicts({ base: 'a\nb\nc\nd', theirs: 'a\nB\nc\nd', mine: 'a\nB\nc\nD' }, 'a\nB\nc\nD'), 0);
  });

  it('does not mind line ends and byte order marks', () => {
    const texts = { base: 'a\r\nb\r\nc', theirs: '\ufeffa\nB1\nc', mine: 'a\r\nB2\r\nc' };
    assert.equal(openConflicts(texts, 'a\r\nb\r\nc'), 1);
    assert.equal(openConflicts(texts, 'a\r\nB2\r\nc'), 0);
  });

  it('counts lines that both added at the same place as long as neither is there', () => {
    const texts = { base: 'a\nb', theirs: 'a\ntheirs\nb', mine: 'a\nmine\nb' };
    assert.equal(openConflicts(texts, 'a\nb'), 1);
    assert.equal(openConflicts(texts, 'a\nmine\nb'), 0);
  });
});
