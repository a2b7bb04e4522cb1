import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

const shownLines = 6;

export function findOnPath(name) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .flatMap((folder) => suffixes.map((suffix) => join(folder, name + suffix)))
    .find((path) => existsSync(path));
}

export function attempt(command, args, { cwd, env, input, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, shell, stdio: 'pipe' });
    const stdout = [];
    const stderr = [];
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    child.stderr.on('data', (chunk) => stderr.push(chunk));
    child.once('error', (error) => reject(new Error(`${basename(command)} could not be started: ${error.message}`)));
    // If a command ends without reading its input, its exit code counts, not the broken pipe.
    child.stdin.once('error', () => child.stdin.destroy());
    child.once('close', (code, signal) =>
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + (signal === null ? '' : `ended by ${signal}`),
      }),
    );
    child.stdin.end(input);
  });
}

export async function run(command, args, options) {
  const { code, stdout, stderr } = await attempt(command, args, options);
  if (code === 0) return stdout;
  const lines = (stderr.trim() || stdout.trim()).split('\n').filter((line) => !/^npm (warn|notice)/.test(line));
  // Some tools report the error first, others last.
  if (lines.length > shownLines) lines.splice(shownLines / 2, lines.length - shownLines, '...');
  throw new Error(`${basename(command)} ${args[0] ?? ''} failed (exit code ${code}): ${lines.join(' / ')}`);
}

export async function npm(args, { node = process.execPath, ...options } = {}) {
  const { npm_execpath: npmScript } = process.env;
  if (npmScript && basename(npmScript) === 'npm-cli.js') return run(node, [npmScript, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}
