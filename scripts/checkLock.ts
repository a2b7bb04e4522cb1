import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockProblems } from './checks/lockProblems.ts';

/** Fails if `npm ci` could install bytes other than the locked ones. */
const problems = lockProblems(await readFile(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8'));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
