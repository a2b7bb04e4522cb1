import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A process or a temporary folder that must not outlive this process. */
export type Charge = { readonly pid: number } | { readonly folder: string };

let input: Writable | undefined;

function guardianInput(): Writable {
  if (input) return input;
  const script = fileURLToPath(new URL('guardianProcess.ts', import.meta.url));
  // Detached: Ctrl-C in a terminal goes to the whole process group, and that is when the guardian has work to do.
  const guardian = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  guardian.unref();
  if (guardian.stdin instanceof Socket) guardian.stdin.unref();
  input = guardian.stdin;
  return input;
}

/**
 * Ends a process or removes a folder when this process ends, even by SIGKILL: a guardian process waits for the end of a
 * pipe. Returns a function that releases the charge.
 */
export function guard(charge: Charge): () => void {
  const send = (verb: 'take' | 'release'): void => {
    guardianInput().write(`${JSON.stringify({ verb, charge })}\n`);
  };
  send('take');
  return () => send('release');
}
