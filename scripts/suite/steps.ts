import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { newestVsCode } from '../setup/vscodeServer.ts';

/** A command of the suite. */
export interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Kind of the command: `tests` runs test files with mocha and reports their counts, `check` passes or fails as a
   * whole, `build` makes what others need and so runs before them.
   */
  readonly kind: 'tests' | 'check' | 'build';
  /** Runs after the others, with nothing beside it: it uses all cores itself. */
  readonly runsAlone?: boolean;
}

const root = join(import.meta.dirname, '..', '..');
const node = process.execPath;
/** Number of steps, and of workbench test files, that run at a time; they wait for processes much of the time. */
export const LANES = Math.max(2, availableParallelism());
/** Milliseconds after which a test hangs. Generous, because a busy machine must not decide a result. */
const TEST_LIMIT = 120_000;
const WORKBENCH_TEST_LIMIT = 300_000;
const CONNECT_TESTS = 'test/etcd/connect/**/*.test.ts';

/** Returns the command of a package's program, run by this Node.js whatever the machine's own is. */
function tool(path: string, ...args: string[]): [string, ...string[]] {
  return [node, join(root, 'node_modules', path), ...args];
}

function build(name: string, ...command: [string, ...string[]]): Step {
  return { name, kind: 'build', command };
}

function check(name: string, ...command: [string, ...string[]]): Step {
  return { name, kind: 'check', command };
}

function mocha(name: string, limit: number, ...args: string[]): Step {
  return {
    name,
    kind: 'tests',
    command: tool('mocha/bin/mocha.js', '--forbid-only', '--timeout', `${limit}`, ...args),
  };
}

function extension(version: string): Step {
  return {
    name: `the extension in VS Code ${version}`,
    kind: 'tests',
    command: [node, 'test/extension/run.ts'],
    environment: { VSCODE_TEST_VERSION: version },
  };
}

function workbench(name: string, version: string, ...files: string[]): Step {
  const args = ['--parallel', '--jobs', `${LANES}`, ...files];
  const step = mocha(name, WORKBENCH_TEST_LIMIT, ...args);
  return { ...step, environment: { VSCODE_TEST_VERSION: version }, runsAlone: true };
}

const tools = build('tools', node, 'scripts/tools.ts');
const bundle = build('bundle', node, 'esbuild.mjs', '--production');

/** Parts of the suite by their names. */
export const PARTS: ReadonlyMap<string, readonly Step[]> = new Map([
  [
    'checks',
    [
      check('types', ...tool('typescript/bin/tsc')),
      check('types of pages', ...tool('typescript/bin/tsc', '--project', 'src/webview')),
      check('lint and dependency rule', ...tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings')),
      check('format', ...tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')),
      check('unused code and packages', ...tool('knip/bin/knip.js', '--no-progress')),
      check('hashes of packages', node, 'scripts/checkLock.ts'),
      check('generated files', node, 'scripts/generate.ts', '--check'),
    ],
  ],
  ['unit', [mocha('unit tests', TEST_LIMIT, 'test/unit/**/*.test.ts')]],
  [
    'etcd',
    [
      tools,
      bundle,
      // In two steps of about the same length, which run side by side: they wait for servers much of the time.
      mocha('connecting to real etcd', TEST_LIMIT, CONNECT_TESTS),
      mocha('the rest of src/etcd against real etcd', TEST_LIMIT, '--ignore', CONNECT_TESTS, 'test/etcd/**/*.test.ts'),
      check('what listings cost, in counts', node, 'scripts/bench.ts', '--quick'),
    ],
  ],
  ['extension', [tools, bundle, extension('1.103'), extension(newestVsCode)]],
  [
    'ui',
    [
      tools,
      build('package', node, 'scripts/package.ts', '--make'),
      check('size of the package', node, 'scripts/package.ts', '--measure'),
      workbench("a person's path in the workbench", newestVsCode, 'test/ui/**/*.test.ts'),
      workbench(
        'the main ones in the oldest VS Code that is supported',
        '1.103',
        ...['path', 'live', 'merge'].map((name) => `test/ui/${name}.test.ts`),
      ),
    ],
  ],
]);
