import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

const root = join(import.meta.dirname, '..');
const node = process.execPath;

/** A package's program, run by this Node whatever the machine's own is. */
function tool(path: string, ...args: string[]): [string, ...string[]] {
  return [node, join(root, 'node_modules', path), ...args];
}

function mocha(...args: string[]): [string, ...string[]] {
  return tool('mocha/bin/mocha.js', '--forbid-only', '--timeout', '20000', ...args);
}

function inVsCode(version: string): Step {
  return {
    name: `the extension in VS Code ${version}`,
    command: [node, 'test/extension/run.ts'],
    environment: { VSCODE_TEST_VERSION: version },
  };
}

const checks: readonly Step[] = [
  { name: 'types', command: tool('typescript/bin/tsc') },
  { name: 'lint and dependency rule', command: tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings') },
  { name: 'format', command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  { name: 'unused code and packages', command: tool('knip/bin/knip.js', '--no-progress') },
  { name: 'generated files', command: [node, 'scripts/generate.ts', '--check'] },
];

const tests: Readonly<Record<string, readonly Step[]>> = {
  checks,
  unit: [{ name: 'unit tests', command: mocha('test/unit/**/*.test.ts') }],
  etcd: [
    { name: 'src/etcd against real etcd', command: mocha('test/etcd/**/*.test.ts') },
    { name: 'what listings cost, in counts', command: [node, 'scripts/bench.ts', '--quick'] },
  ],
  extension: [
    { name: 'bundle of the extension', command: [node, 'esbuild.mjs'] },
    inVsCode('1.103'),
    inVsCode('1.139'),
  ],
  ui: [
    { name: 'package', command: [node, 'scripts/package.ts'] },
    { name: "a person's path in the workbench", command: mocha('--timeout', '120000', 'test/ui/**/*.test.ts') },
    {
      name: 'the main ones in the oldest VS Code that is supported',
      command: mocha('--timeout', '120000', ...['path', 'live', 'merge'].map((name) => `test/ui/${name}.test.ts`)),
      environment: { VSCODE_TEST_VERSION: '1.103' },
    },
  ],
};

/** Runs one step, showing what it prints. A test run counts its tests, any other step counts as one. */
async function run({ command: [program, ...args], environment }: Step): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    output += chunk.toString();
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on('close', (code) => resolve(code ?? 1));
  const code = await promise;
  const plain = stripVTControlCharacters(output);
  const count = (word: string) => Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, 'm').exec(plain)?.[1] ?? 0);
  const [passed, failed] = [count('passing'), count('failing')];
  if (passed + failed === 0) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in tests));
if (unknown.length > 0)
  throw new Error(`No tests are named ${unknown.join(', ')}: choose from ${Object.keys(tests).join(', ')}`);

await rm(join(root, 'test-results'), { recursive: true, force: true });
await mkdir(join(root, 'test-results'), { recursive: true });
let passed = 0;
let failed = 0;
const failures: string[] = [];
for (const step of Object.entries(tests).flatMap(([name, steps]) =>
  wanted.length === 0 || wanted.includes(name) ? steps : [],
)) {
  const started = Date.now();
  console.log(`\n== ${step.name}`);
  const outcome = await run(step);
  passed += outcome.passed;
  failed += outcome.failed;
  if (outcome.failed > 0) failures.push(step.name);
  console.log(
    `== ${step.name}: ${outcome.failed > 0 ? 'FAILED' : 'ok'} (${Math.round((Date.now() - started) / 1000)} s)`,
  );
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join('; ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
