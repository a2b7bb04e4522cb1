import { basename, join } from 'node:path';
import type { Coverage, CoveringTest } from './coverage.ts';
import type { Mutant } from './mutants.ts';
import type { WorkCopy } from './workCopy.ts';

/** Milliseconds of tests to run first, which notice most bugs. */
const FAST = 3000;
/** Milliseconds of tests to run at most, as they took without a bug. */
const MOST = 60_000;
/** Time limit on a busy machine, including the start of servers. */
const PATIENCE = { times: 3, atLeast: 30_000 };
const TYPE_LIMIT = 120_000;
const VSCODE_LIMIT = 240_000;

export interface Verdict {
  /** `types`: no test fails, but the project's type check does. */
  readonly kind: 'noticed' | 'types' | 'survived';
  /** The tests that were run. */
  readonly tests: readonly CoveringTest[];
}

/** Plants bugs in a copy of the project and runs the tests that run their code. */
export class Trial {
  readonly #copy: WorkCopy;
  readonly #coverage: Coverage;
  readonly #inVsCode: readonly string[];

  /** @param inVsCode test files for the extension host that use the mutated file */
  constructor(copy: WorkCopy, coverage: Coverage, inVsCode: readonly string[]) {
    this.#copy = copy;
    this.#coverage = coverage;
    this.#inVsCode = inVsCode;
  }

  async of(path: string, source: string, mutant: Mutant): Promise<Verdict> {
    const text = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
    return await this.#copy.with(path, text, source, () => this.#judge(path, mutant));
  }

  async #judge(path: string, mutant: Mutant): Promise<Verdict> {
    const tests: CoveringTest[] = [];
    const covering = this.#coverage.testsOf(path, mutant);
    let milliseconds = 0;
    const isWithin = (most: number) => (test: CoveringTest) => (milliseconds += test.milliseconds) <= most;
    const fast = covering.filter(isWithin(FAST));
    milliseconds = 0;
    const others = covering.slice(fast.length).filter(isWithin(MOST));
    for (const some of [fast, others]) {
      tests.push(...some);
      if (some.length > 0 && (await this.#fails(some))) return { kind: 'noticed', tests };
    }
    if (await this.#failsTypes()) return { kind: 'types', tests };
    if (this.#inVsCode.length > 0) {
      tests.push(...this.#inVsCode.map((file) => ({ file, title: undefined, milliseconds: 0 })));
      if (await this.failsInVsCode()) return { kind: 'noticed', tests };
    }
    return { kind: 'survived', tests };
  }

  async #fails(tests: readonly CoveringTest[]): Promise<boolean> {
    const whole = tests.filter(({ title }) => title === undefined);
    const single = tests.filter(({ title }) => title !== undefined);
    for (const some of [single, whole]) {
      if (some.length === 0) continue;
      const files = [...new Set(some.map(({ file }) => file))];
      const titles = some.flatMap(({ title }) => (title === undefined ? [] : [escaped(title)]));
      const grep = titles.length > 0 ? ['--grep', `^(?:${titles.join('|')})`] : [];
      const took = some.reduce((total, test) => total + test.milliseconds, 0);
      const limit = PATIENCE.atLeast + PATIENCE.times * took;
      const { code, output } = await this.#copy.mocha(files, ['--bail', '--exit', ...grep], limit);
      if (code !== 0) return true;
      if (!/[1-9]\d* passing/.test(output)) throw new Error(`None of these tests was found: ${titles.join(', ')}`);
    }
    return false;
  }

  async #failsTypes(): Promise<boolean> {
    const { code } = await this.#copy.run([join('node_modules', 'typescript', 'bin', 'tsc')], TYPE_LIMIT);
    return code !== 0;
  }

  /** Runs the test files for the extension host with the copy as it is. */
  async failsInVsCode(): Promise<boolean> {
    const built = await this.#copy.run(['esbuild.mjs'], TYPE_LIMIT);
    if (built.code !== 0) return true;
    for (const file of this.#inVsCode) {
      const environment = { TEST_FILES: basename(file, '.test.ts') };
      const { code } = await this.#copy.run([join('test', 'extension', 'run.ts')], VSCODE_LIMIT, environment);
      if (code !== 0) return true;
    }
    return false;
  }
}

function escaped(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
