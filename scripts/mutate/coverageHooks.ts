import { writeFile } from 'node:fs/promises';
import { Session, type Profiler } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import type { RootHookObject } from 'mocha';

/** The parts of a file that ran: functions and the blocks in them, by offsets, as V8 counts them. */
export type Ran = readonly { readonly ranges: readonly Profiler.CoverageRange[] }[];

/**
 * Coverage of one test or, without a title, of what ran outside of tests: loading the file, and hooks for all tests.
 */
export interface TestCoverage {
  readonly file: string;
  readonly title: string | undefined;
  readonly milliseconds: number;
  /** Coverage by the full paths of the files in question. */
  readonly ran: Readonly<Record<string, Ran>>;
}

// Loaded by mocha (--require) in a run of its own. MUTATE_FILES are the files in question, one per line; the result
// goes to MUTATE_OUT.
const { MUTATE_FILES = '', MUTATE_OUT = '' } = process.env;
const urls = new Map(MUTATE_FILES.split('\n').map((path) => [pathToFileURL(path).href, path]));
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Returns what ran since the last call. */
async function take(): Promise<Record<string, Ran>> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const wanted = result.flatMap(({ url, functions }) => {
    const path = urls.get(url);
    return path === undefined ? [] : [[path, functions.map(({ ranges }) => ({ ranges }))] as const];
  });
  return Object.fromEntries(wanted);
}

const found: TestCoverage[] = [];
let begun = { at: 0, title: '', file: '' };

export const mochaHooks: RootHookObject = {
  async beforeEach(this: Mocha.Context) {
    const { currentTest } = this;
    begun = { at: performance.now(), title: currentTest?.fullTitle() ?? '', file: currentTest?.file ?? '' };
    found.push({ file: begun.file, title: undefined, milliseconds: 0, ran: await take() });
  },
  async afterEach() {
    const { file, title, at } = begun;
    found.push({ file, title, milliseconds: performance.now() - at, ran: await take() });
  },
  async afterAll() {
    await writeFile(MUTATE_OUT, JSON.stringify(found));
  },
};
