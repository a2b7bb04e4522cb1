import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Ran, TestCoverage } from './coverageHooks.ts';
import type { ImportGraph } from './importGraph.ts';
import type { Mutant } from './mutants.ts';
import type { WorkCopy } from './workCopy.ts';

const FILE_LIMIT = 15 * 60_000;

/** A test that runs the code of a mutant; without a title, all tests of a file. */
export interface CoveringTest {
  readonly file: string;
  readonly title: string | undefined;
  readonly milliseconds: number;
}

/**
 * Knows which tests run which code, from running them once. Kept in a file as long as nothing changes that a test file
 * imports.
 */
export class Coverage {
  readonly #root: string;
  readonly #graph: ImportGraph;
  readonly #found: TestCoverage[] = [];

  constructor(root: string, graph: ImportGraph) {
    this.#root = root;
    this.#graph = graph;
  }

  /**
   * Runs a test file without any bug.
   * @param targets full paths of the files in question
   * @throws Error if tests fail
   */
  async measure(file: string, targets: readonly string[], copy: WorkCopy): Promise<void> {
    const kept = await this.#keptIn(file, targets);
    const known = await readFile(kept, 'utf8').catch(() => undefined);
    if (known !== undefined) {
      this.#found.push(...(JSON.parse(known) as TestCoverage[]));
      return;
    }
    const out = join(copy.folder, 'coverage.json');
    const hooks = join(copy.folder, 'scripts', 'mutate', 'coverageHooks.ts');
    const environment = { MUTATE_FILES: targets.map((path) => copy.at(path)).join('\n'), MUTATE_OUT: out };
    const { code, isLate, output } = await copy.mocha([file], ['--require', hooks], FILE_LIMIT, environment);
    if (code !== 0)
      throw new Error(
        `Without any bug ${relative(this.#root, file)} ${isLate ? 'takes too long' : 'fails'}:\n${output}`,
      );
    const original = new Map(targets.map((path) => [copy.at(path), path]));
    const measured = JSON.parse(await readFile(out, 'utf8')) as TestCoverage[];
    const found = measured.map((test) => ({
      ...test,
      file,
      ran: Object.fromEntries(Object.entries(test.ran).map(([path, ran]) => [original.get(path) ?? path, ran])),
    }));
    await writeFile(kept, JSON.stringify(found));
    this.#found.push(...found);
  }

  /** Returns the tests that run the code of a mutant, the fastest first. */
  testsOf(path: string, mutant: Mutant): CoveringTest[] {
    const covering = this.#found.filter(({ ran }) => isCovered(ran[path], mutant));
    const wholeFiles = new Set(covering.filter(({ title }) => title === undefined).map(({ file }) => file));
    const single = covering.filter(({ title, file }) => title !== undefined && !wholeFiles.has(file));
    return [
      ...single.map(({ file, title, milliseconds }) => ({ file, title, milliseconds })),
      ...[...wholeFiles].map((file) => ({ file, title: undefined, milliseconds: this.#millisecondsOf(file) })),
    ].toSorted((a, b) => a.milliseconds - b.milliseconds);
  }

  #millisecondsOf(file: string): number {
    return this.#found.reduce((total, each) => total + (each.file === file ? each.milliseconds : 0), 0);
  }

  async #keptIn(file: string, targets: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    const { files } = await this.#graph.reach(file);
    for (const path of [...files].toSorted()) hash.update(path).update(await readFile(path));
    for (const path of targets) hash.update(path);
    const folder = join(this.#root, 'node_modules', '.cache', 'mutate');
    await mkdir(folder, { recursive: true });
    return join(folder, `${hash.digest('hex')}.json`);
  }
}

/**
 * Whether the code of a mutant has run. The innermost block around it decides; functions that did not run are absent,
 * so the next one outside may decide.
 */
function isCovered(ran: Ran | undefined, { start, functionEnd }: Mutant): boolean {
  if (!ran) return false;
  const around = ({ startOffset, endOffset }: { readonly startOffset: number; readonly endOffset: number }) =>
    startOffset <= start && start < endOffset;
  const size = ({ startOffset, endOffset }: { readonly startOffset: number; readonly endOffset: number }) =>
    endOffset - startOffset;
  const functions = ran.filter(({ ranges: [whole] }) => whole && around(whole));
  const innermost = functions.toSorted((a, b) => sizeOf(a.ranges[0]) - sizeOf(b.ranges[0]))[0];
  if (!innermost) return false;
  if (functionEnd !== undefined && innermost.ranges[0]?.endOffset !== functionEnd) return false;
  const [block] = innermost.ranges.filter(around).toSorted((a, b) => size(a) - size(b));
  return (block?.count ?? 0) > 0;

  function sizeOf(range: Ran[number]['ranges'][number] | undefined): number {
    return range ? size(range) : Infinity;
  }
}
