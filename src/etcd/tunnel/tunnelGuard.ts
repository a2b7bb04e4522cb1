import { spawn } from 'node:child_process';

/**
 * Runs a program until the pipe at the standard input ends, however the process at its other end has ended. A script of
 * its own, because the program may read nothing and so would outlive VS Code.
 */

/** Milliseconds for the program to end by itself. */
const GRACE = 2000;

const [program = '', ...args] = process.argv.slice(2);
// The program is no Node.js.
const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env, windowsHide: true });
child.once('error', ({ message }) => {
  process.stderr.write(`${message}\n`, () => process.exit(1));
});
child.once('exit', (code) => process.exit(code ?? 1));
process.stdin.once('end', () => {
  child.kill();
  setTimeout(() => {
    // With everything that the program has started: this process leads a group of its own.
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-process.pid, 'SIGKILL');
  }, GRACE);
});
process.stdin.resume();
