import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { benchOptions, usage } from '../../../scripts/bench/options.ts';
import { UsageError } from '../../../scripts/setup/commandLine.ts';

const choices = { sections: ['listing', 'memory'], shapes: ['A', 'B'] };
const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'bench.ts');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function refusal(...args: string[]): string {
  let message = '';
  assert.throws(
    () => benchOptions(args, choices),
    (error: unknown) => {
      assert.ok(error instanceof UsageError);
      ({ message } = error);
      return true;
    },
  );
  return message;
}

describe('the options of the bench', () => {
  it('are everything by default', () => {
    assert.deepEqual(benchOptions([], choices), {
      help: false,
      quick: false,
      size: 1_000_000,
      sections: ['listing', 'memory'],
      shapes: ['A', 'B'],
      delays: [0, 20, 100],
      versions: ['3.4', '3.5'],
      seeds: 30,
      json: undefined,
    });
  });

  it('choose what is measured, and where the figures go', () => {
    const args = ['--sections=memory', '--keys=50000', '--shapes=b', '--delay=5', '--etcd=3.5', '--seeds=3'];
    const options = benchOptions([...args, '--json', 'figures.json'], choices);
    assert.deepEqual(options, {
      ...{ help: false, quick: false, size: 50_000, sections: ['memory'], shapes: ['B'] },
      ...{ delays: [5], versions: ['3.5'], seeds: 3, json: 'figures.json' },
    });
  });

  it('have one size with --quick', () => {
    const { quick, size } = benchOptions(['--quick', '--keys=50000'], choices);
    assert.deepEqual({ quick, size }, { quick: true, size: 100_000 });
  });

  it('are refused with what they take', () => {
    assert.equal(refusal('--sections=listing,speed'), '--sections takes listing, memory, not "speed".');
    assert.equal(refusal('--shapes=Z'), '--shapes takes A, B, not "Z".');
    assert.equal(refusal('--etcd=3.3'), '--etcd takes 3.4, 3.5, not "3.3".');
    assert.equal(refusal('--delay=fast'), '--delay takes whole numbers, not "fast".');
    assert.equal(refusal('--keys=12345'), '--keys takes a multiple of 10,000, not 12345.');
    assert.equal(refusal('--keys=0'), '--keys takes a multiple of 10,000, not 0.');
    assert.equal(refusal('--seeds=0'), '--seeds takes at least 1.');
    assert.match(refusal('--quick', '--json=figures.json'), /^--json needs a full run/);
    assert.match(refusal('memory'), /^Unexpected argument 'memory'/);
  });

  it('are all in the usage', () => {
    const text = usage(choices);
    for (const name of ['sections', 'keys', 'shapes', 'delay', 'etcd', 'seeds', 'quick', 'json', 'help'])
      assert.match(text, new RegExp(`^  --${name}\\b`, 'm'));
  });
});

describe('npm run bench', () => {
  it('prints its usage', () => {
    const { status, stdout, stderr } = run('--help');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Usage: npm run bench/);
    assert.match(stdout, /sections to run: listing, .*memory/);
  });

  it('refuses an option and a section that it does not have, in one line', () => {
    for (const [args, problem] of [
      [['--fast'], /^Unknown option '--fast'.*--sections.*\n$/],
      [['--sections', 'speed'], /^--sections takes listing, .*, not "speed"\.\n$/],
    ] as const) {
      const { status, stdout, stderr } = run(...args);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, problem);
    }
  });
});
