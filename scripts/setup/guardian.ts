import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What must not outlive this process: another process, a temporary folder. */
export type Charge = { readonly pid: number } | { readonly folder: string };

let input: Writable | undefined;

function guardianInput(): Writable {
  if (input) return input;
  const script = fileURLToPath(new URL('guardianProcess.ts', import.meta.url));
  // Detached: Ctrl-C in a terminal goes to the whole process group, and the guardian has work to do just then.
  const guardian = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  guardian.unref();
  if (guardian.stdin instanceof Socket) guardian.stdin.unref();
  input = guardian.stdin;
  return input;
}

/**
 * Has a process ended and a folder removed when this process is gone, even by SIGKILL: a guardian process waits for the end of a
 * pipe. Returns the function that takes the charge back.
 */
export function guard(charge: Charge): () => void {
  const send = (verb: 'take' | 'release'): void => {
    guardianInput().write(`${JSON.stringify({ verb, charge })}\n`);
  };
  send('take');
  return () => send('release');
}
