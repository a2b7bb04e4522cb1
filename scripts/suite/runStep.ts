import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { guard } from '../setup/guardian.ts';
import type { Step } from './steps.ts';

const root = join(import.meta.dirname, '..', '..');

/** Numbers of tests. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs a step to its end. A check counts as one test, a build only if it fails.
 * @param print called with what the step prints, in pieces
 * @param grep a text in the titles of the tests to run; all without it
 */
export async function runStep(
  { command, environment, kind }: Step,
  print: (piece: string) => void,
  grep?: string,
): Promise<Outcome> {
  const [program, ...args] = command;
  const filter = kind === 'tests' && grep !== undefined ? ['--fgrep', grep] : [];
  const child = spawn(program, [...args, ...filter], {
    cwd: root,
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const release = child.pid === undefined ? undefined : guard({ pid: child.pid });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output += piece;
      print(piece);
    });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('close', (code) => resolve(code ?? 1));
  const code = await promise;
  release?.();
  if (kind === 'tests') return testsIn(output, code);
  const passed = kind === 'check' ? 1 : 0;
  return code === 0 ? { passed, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** Reads the counts in mocha's report. A run that ends without a failed test but with an error has failed, too. */
export function testsIn(report: string, exitCode: number): Outcome {
  const plain = stripVTControlCharacters(report);
  const count = (word: string) => Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, 'm').exec(plain)?.[1] ?? 0);
  const failed = count('failing');
  return {
    passed: count('passing'),
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: count('pending'),
  };
}
