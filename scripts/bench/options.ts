import { parsedArgs, UsageError } from '../setup/commandLine.ts';
import type { EtcdSeries } from '../setup/etcdSeries.ts';

/** What the bench is asked to do. */
export interface BenchOptions {
  readonly help: boolean;
  /** Only checks counts against written bounds. */
  readonly quick: boolean;
  /** Number of keys in the largest shapes. */
  readonly size: number;
  /** Names of the sections to run. */
  readonly sections: readonly string[];
  /** Letters of the shapes to list. */
  readonly shapes: readonly string[];
  /** Round-trip times to add, in milliseconds. */
  readonly delays: readonly number[];
  readonly versions: readonly EtcdSeries[];
  /** Number of keyspaces to generate. */
  readonly seeds: number;
  /** The file for the figures; undefined for one of its own in bench-results. */
  readonly json: string | undefined;
}

/** What `--sections` and `--shapes` choose from. */
export interface Choices {
  readonly sections: readonly string[];
  readonly shapes: readonly string[];
}

/** Number of keys with `--quick`, for which the bounds of the counts are written. */
const QUICK_SIZE = 100_000;
const STEP = 10_000;
const VERSIONS = ['3.4', '3.5'] as const satisfies readonly EtcdSeries[];

/** Reads the bench's options. @throws UsageError if one is unknown or means nothing */
export function benchOptions(args: readonly string[], choices: Choices): BenchOptions {
  const { values } = parsedArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      sections: { type: 'string', default: choices.sections.join(',') },
      keys: { type: 'string', default: '1000000' },
      shapes: { type: 'string', default: choices.shapes.join('') },
      delay: { type: 'string', default: '0,20,100' },
      etcd: { type: 'string', default: VERSIONS.join(',') },
      seeds: { type: 'string', default: '30' },
      json: { type: 'string' },
    },
  });
  const { help, quick, json } = values;
  const keys = wholeNumber('keys', values.keys);
  if (keys === 0 || keys % STEP > 0)
    throw new UsageError(`--keys takes a multiple of ${STEP.toLocaleString('en')}, not ${values.keys}.`);
  if (quick && json !== undefined) throw new UsageError('--json needs a full run, because --quick measures nothing.');
  const seeds = wholeNumber('seeds', values.seeds);
  if (seeds === 0) throw new UsageError('--seeds takes at least 1.');
  return {
    help,
    quick,
    size: quick ? QUICK_SIZE : keys,
    sections: chosen('sections', values.sections.split(','), choices.sections),
    shapes: chosen('shapes', [...values.shapes.toUpperCase()], choices.shapes),
    delays: values.delay.split(',').map((each) => wholeNumber('delay', each)),
    versions: chosen('etcd', values.etcd.split(','), VERSIONS),
    seeds,
    json,
  };
}

/** Returns what `--help` prints. */
export function usage({ sections, shapes }: Choices): string {
  const lines: readonly (readonly [option: string, what: string])[] = [
    ['--sections NAME,…', `sections to run: ${sections.join(', ')}`],
    ['--keys N', 'keys in the largest shapes, a multiple of 10,000 (1000000)'],
    ['--shapes LETTERS', `shapes to list (${shapes.join('')})`],
    ['--delay MS,…', 'round-trip times to add, in milliseconds (0,20,100)'],
    ['--etcd VERSION,…', `series of etcd (${VERSIONS.join(',')})`],
    ['--seeds N', 'keyspaces that the section "unseen" generates (30)'],
    ['--quick', `only checks counts and bytes against bounds, with ${QUICK_SIZE.toLocaleString('en')} keys`],
    ['--json FILE', 'file for the figures (bench-results/<time>.json)'],
    ['--help', 'prints this'],
  ];
  const width = Math.max(...lines.map(([option]) => option.length)) + 2;
  const options = lines.map(([option, what]) => `  ${option.padEnd(width)}${what}`);
  return ['Usage: npm run bench -- [OPTION]...', '', ...options].join('\n');
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} takes whole numbers, not ${JSON.stringify(text)}.`);
}

/** Returns the choices that are asked for, in their own order. */
function chosen<Choice extends string>(option: string, asked: readonly string[], all: readonly Choice[]): Choice[] {
  const unknown = asked.find((each) => !all.some((known) => known === each));
  if (unknown !== undefined)
    throw new UsageError(`--${option} takes ${all.join(', ')}, not ${JSON.stringify(unknown)}.`);
  return all.filter((each) => asked.includes(each));
}
