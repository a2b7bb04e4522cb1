import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Random } from '../test/unit/listing/random.ts';
import { Coverage } from './mutate/coverage.ts';
import { filesIn } from './mutate/filesIn.ts';
import { ImportGraph } from './mutate/importGraph.ts';
import { mutantsOf, type Mutant } from './mutate/mutants.ts';
import { Trial, type Verdict } from './mutate/trial.ts';
import { projectRoot, WorkCopy } from './mutate/workCopy.ts';
import { commandLine } from './setup/commandLine.ts';

// See docs/contributing/decisions/packages.md

/** Plants small bugs in the given files, one at a time, and prints those that no test notices. */

const USAGE = 'Usage: npm run mutate -- PATH... [--tests PATH]... [--sample N] [--lines FROM-TO] [--jobs N]';

const { values, positionals } = commandLine({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true, default: ['test/unit', 'test/etcd', 'test/extension'] },
    sample: { type: 'string' },
    lines: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const root = projectRoot();
const graph = new ImportGraph();

async function sources(paths: readonly string[], ending: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths.map((each) => resolve(root, each)))
    found.push(...((await stat(path)).isDirectory() ? await filesIn(path) : [path]));
  return found.filter((path) => path.endsWith(ending) && !path.endsWith('.d.ts'));
}

function chosen(path: string, mutants: readonly Mutant[]): readonly Mutant[] {
  const [from = 1, to = Infinity] = values.lines?.split('-').map(Number) ?? [];
  const within = mutants.filter(({ line }) => from <= line && line <= to);
  const most = Number(values.sample ?? Infinity);
  if (within.length <= most) return within;
  // The same bugs each time, as long as the file stays the same.
  const random = new Random([...relative(root, path)].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const left = [...within];
  while (left.length > most) left.splice(random.below(left.length), 1);
  return left;
}

/** Runs an action for each item, one at a time in each copy of the project. */
async function inCopies<T>(
  items: readonly T[],
  copies: readonly WorkCopy[],
  action: (item: T, copy: WorkCopy) => Promise<void>,
) {
  const waiting = [...items];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await action(item, copy);
    }),
  );
}

async function mutate(targets: readonly string[]): Promise<boolean> {
  const copies: WorkCopy[] = [];
  try {
    for (let made = 0; made < Number(values.jobs); made++) copies.push(await WorkCopy.make(root));
    const coverage = new Coverage(root, graph);
    const inVsCode = new Map<string, string[]>();
    const inNode = new Set<string>();
    for (const test of await sources(values.tests, '.test.ts')) {
      const { files } = await graph.reach(test);
      const reached = targets.filter((target) => files.has(target));
      if (reached.length === 0) continue;
      if (!test.includes(join('test', 'extension'))) inNode.add(test);
      else for (const target of reached) inVsCode.set(target, [...(inVsCode.get(target) ?? []), test]);
    }
    console.log(`Running ${inNode.size} test files without any bug, to see what each test runs …`);
    await inCopies([...inNode], copies, (test, copy) => coverage.measure(test, targets, copy));
    for (const [target, tests] of inVsCode) {
      const [copy] = copies;
      if (copy && (await graph.reach(target)).usesVsCode && (await new Trial(copy, coverage, tests).failsInVsCode()))
        throw new Error(
          `Without any bug tests fail in VS Code: ${tests.map((test) => relative(root, test)).join(', ')}`,
        );
    }
    const planted: { readonly path: string; readonly source: string; readonly mutant: Mutant }[] = [];
    for (const path of targets) {
      const source = await readFile(path, 'utf8');
      planted.push(...chosen(path, mutantsOf(path, source)).map((mutant) => ({ path, source, mutant })));
    }
    const verdicts = new Map<string, Verdict[]>();
    let done = 0;
    await inCopies(planted, copies, async ({ path, source, mutant }, copy) => {
      const { usesVsCode } = await graph.reach(path);
      const trial = new Trial(copy, coverage, usesVsCode ? (inVsCode.get(path) ?? []) : []);
      const verdict = await trial.of(path, source, mutant);
      verdicts.set(path, [...(verdicts.get(path) ?? []), verdict]);
      done++;
      if (verdict.kind === 'survived')
        console.log(
          `${relative(root, path)}:${mutant.line} survived (${done} of ${planted.length}): ${mutant.change}\n  ${told(verdict)}`,
        );
    });
    return report(targets, verdicts);
  } finally {
    for (const copy of copies) await copy.remove();
  }
}

function told({ tests }: Verdict): string {
  if (tests.length === 0) return 'no test runs this';
  const titles = tests.map(({ file, title }) => title ?? `all of ${relative(root, file)}`);
  const [first, ...others] = titles;
  return `tests that ran: ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** @returns whether tests noticed all bugs */
function report(targets: readonly string[], verdicts: ReadonlyMap<string, readonly Verdict[]>): boolean {
  const row = (name: string, all: readonly Verdict[]) => {
    const survived = all.filter(({ kind }) => kind === 'survived').length;
    const noticed = all.length - survived;
    const percent = all.length === 0 ? 100 : Math.floor((noticed / all.length) * 100);
    const byTypes = all.filter(({ kind }) => kind === 'types').length;
    console.log(
      `${String(percent).padStart(4)} %  ${noticed} of ${all.length} (${byTypes} by the type check)  ${name}`,
    );
    return survived === 0;
  };
  console.log('\nnoticed:');
  for (const path of targets) row(relative(root, path), verdicts.get(path) ?? []);
  return row('all', [...verdicts.values()].flat());
}

if (positionals.length === 0) {
  console.error(USAGE);
  process.exitCode = 2;
} else process.exitCode = (await mutate(await sources(positionals, '.ts'))) ? 0 : 1;
