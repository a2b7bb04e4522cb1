import assert from 'node:assert/strict';
import { choiceFrom } from '../../../scripts/suite/choice.ts';
import { testsIn } from '../../../scripts/suite/runStep.ts';

const PARTS = ['unit', 'etcd', 'ui'];

describe("the suite's arguments", () => {
  it('choose all parts, or those that are named, in the order of the suite', () => {
    assert.deepEqual(choiceFrom([], PARTS), { parts: PARTS, repeat: 1 });
    assert.deepEqual(choiceFrom(['ui', 'unit', 'ui'], PARTS), { parts: ['unit', 'ui'], repeat: 1 });
  });

  it('choose tests by a text, and how often they run', () => {
    const wanted = { parts: ['ui'], grep: 'a key (b)', repeat: 12 };
    assert.deepEqual(choiceFrom(['ui', '--grep', 'a key (b)', '--repeat', '12'], PARTS), wanted);
    assert.deepEqual(choiceFrom(['--repeat=12', '--grep=a key (b)', 'ui'], PARTS), wanted);
  });

  for (const [args, sentence] of [
    [['iu'], 'The suite has no part "iu": its parts are unit, etcd, ui.'],
    [['--grpe', 'a'], 'There is no option --grpe: the options are --grep TEXT and --repeat N.'],
    [['-g', 'a'], 'There is no option -g: the options are --grep TEXT and --repeat N.'],
    [['--grep'], '--grep needs a text, which is a part of the titles of the tests to run.'],
    [['--grep', ''], '--grep needs a text, which is a part of the titles of the tests to run.'],
    [['--repeat'], '--repeat needs a number from 1 to 9999, which says how often to run the tests.'],
    [['--repeat', '0'], '--repeat needs a number from 1 to 9999, which says how often to run the tests.'],
    [['--repeat', '2x'], '--repeat needs a number from 1 to 9999, which says how often to run the tests.'],
  ] as const)
    it(`refuse ${args.join(' ')} and say what is possible`, () =>
      assert.throws(() => choiceFrom(args, PARTS), { message: sentence }));
});

describe("the counts of mocha's report", () => {
  it('are what passed, failed and was skipped', () => {
    const report =
      '\n  ✔ has 3 failing parts\n\n  \u001b[32m 12 passing\u001b[0m (3s)\n  2 pending\n  1 failing\n\n  1) it\n';
    assert.deepEqual(testsIn(report, 1), { passed: 12, failed: 1, skipped: 2 });
  });

  it('are a failure where the run ended in another way', () => {
    assert.deepEqual(testsIn('  12 passing (3s)\n', 7), { passed: 12, failed: 1, skipped: 0 });
    assert.deepEqual(testsIn('', 1), { passed: 0, failed: 1, skipped: 0 });
    assert.deepEqual(testsIn('  0 passing (3ms)\n', 0), { passed: 0, failed: 0, skipped: 0 });
  });
});
