import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { KeyQuery } from '../../src/etcd/search/keyQuery.ts';
import { ensureEtcd } from '../setup/etcd.ts';
import type { EtcdSeries } from '../setup/etcdSeries.ts';
import { progressToStderr as progress } from '../setup/progress.ts';
import { runEtcdctl, type EtcdctlFigures } from './contestants.ts';
import type { Bench, Section } from './section.ts';
import { measureSearch, type SearchFigures } from './searchWorker.ts';
import { median, ratio, short, table, type Row } from './tables.ts';

const ROUNDS = 3;
const megabyte = 1024 ** 2;

interface Question {
  readonly what: string;
  readonly query: KeyQuery;
  /** The prefix that etcdctl lists for the comparison. */
  readonly prefix: string;
  /** Upper bounds of the requests and of the keys received, depending on the keyspace's size. */
  readonly bounds: (size: number) => { readonly requests: number; readonly scanned: number };
}

function query(kind: KeyQuery['kind'], pattern: string): KeyQuery {
  return { kind, pattern, matchCase: kind !== 'text', values: false };
}

/** Bytes of one answer: half more than intended for a page, because its end is predicted. */
const MAX_BYTES = 1.5 * 1.5 * 1024 ** 2;

/** Two small pages and then about 30,000 keys each; some are empty if the end of a page was predicted badly. */
function pages(keys: number): number {
  return 4 + Math.ceil((1.25 * keys) / 30_000);
}

/** Patterns that match in all keys, half of them, and a twentieth: the memory of a search must not depend on that. */
const PARTS: readonly string[] = ['^/a/.*42$', '^/a/type0.*42$', '^/a/type05/.*42$'];

/** All of shape A: 20 × 50 folders of `size / 1000` keys each. */
const QUESTIONS: readonly Question[] = [
  {
    what: 'keys that match `^/a/.*99$`, among all of a shape',
    query: query('regex', '^/a/.*99$'),
    prefix: '/a/',
    bounds: (size) => ({ requests: pages(size), scanned: size }),
  },
  {
    what: 'keys that match `/a/**/*42`',
    query: query('glob', '/a/**/*42'),
    prefix: '/a/',
    bounds: (size) => ({ requests: pages(size), scanned: size }),
  },
  {
    what: 'keys that match `/a/type05/*/*42`, a twentieth of them',
    query: query('glob', '/a/type05/*/*42'),
    prefix: '/a/type05/',
    bounds: (size) => ({ requests: pages(size / 20), scanned: size / 20 }),
  },
];

interface Measured {
  readonly version: EtcdSeries;
  readonly what: string;
  readonly own: SearchFigures;
  readonly etcdctl: EtcdctlFigures;
}

/** Compares searches with `etcdctl get --prefix --keys-only`, whose output would still have to be searched. */
export const search: Section = {
  name: 'search',
  async run(bench) {
    const figures: Measured[] = [];
    const parts: PartMeasured[] = [];
    for (const version of bench.versions) {
      for (const question of QUESTIONS) figures.push(await measure(bench, version, question));
      parts.push(...(await measureParts(bench, version)));
    }
    const markdown = `${wholeTable(figures)}\n\n${partsTable(parts)}`;
    return { markdown, summary: summaryTable(figures), figures: { questions: figures, parts } };
  },
  async check({ versions, server, size }) {
    const failures: string[] = [];
    for (const version of versions) {
      const { endpoint } = await server(version);
      for (const { what, query: asked, bounds } of QUESTIONS) {
        const { requests, scanned, found, mostBytes } = await measureSearch(endpoint, asked);
        const most = { ...bounds(size), mostBytes: MAX_BYTES };
        const isWithin = requests <= most.requests && scanned === most.scanned && mostBytes <= MAX_BYTES && found > 0;
        const counts = JSON.stringify({ requests, scanned, mostBytes, found });
        if (!isWithin) failures.push(`etcd ${version}: ${what}: ${counts} is beyond ${JSON.stringify(most)}`);
      }
    }
    return failures;
  },
};

async function measure({ server }: Bench, version: EtcdSeries, { what, query: asked, prefix }: Question) {
  const [{ endpoint }, { etcdctl }] = [await server(version), await ensureEtcd(version)];
  progress(`etcd ${version}: ${what} ...`);
  const own: SearchFigures[] = [];
  const others: EtcdctlFigures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    others.push(await runEtcdctl(etcdctl, endpoint, prefix));
    own.push(await inOwnProcess(endpoint, asked));
  }
  return {
    version,
    what,
    own: medians(own),
    etcdctl: {
      milliseconds: median(others.map(({ milliseconds }) => milliseconds)),
      memory: median(others.map(({ memory }) => memory)),
    },
  };
}

interface PartMeasured {
  readonly version: EtcdSeries;
  readonly own: SearchFigures;
  /** Growth of memory from this part to all keys. */
  readonly growth: number;
}

async function measureParts({ server }: Bench, version: EtcdSeries): Promise<PartMeasured[]> {
  const { endpoint } = await server(version);
  progress(`etcd ${version}: memory of searches ...`);
  const measured: SearchFigures[] = [];
  for (const pattern of PARTS) {
    const rounds: SearchFigures[] = [];
    while (rounds.length < ROUNDS) rounds.push(await inOwnProcess(endpoint, query('regex', pattern)));
    measured.push(medians(rounds));
  }
  return measured.map((own) => ({ version, own, growth: (measured[0]?.memory ?? 0) / own.memory }));
}

function medians(rounds: readonly SearchFigures[]): SearchFigures {
  const of = (name: keyof SearchFigures) => median(rounds.map((figures) => figures[name]));
  return {
    milliseconds: of('milliseconds'),
    firstMilliseconds: of('firstMilliseconds'),
    found: of('found'),
    scanned: of('scanned'),
    requests: of('requests'),
    bytes: of('bytes'),
    mostBytes: of('mostBytes'),
    memory: of('memory'),
    longestPause: of('longestPause'),
  };
}

async function inOwnProcess(endpoint: string, asked: KeyQuery): Promise<SearchFigures> {
  const child = fork(join(import.meta.dirname, 'searchWorker.ts'), [endpoint, JSON.stringify(asked)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit').then((): never => {
    throw new Error('a search of the bench failed');
  });
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [SearchFigures];
  await ended.catch(() => undefined);
  return figures;
}

function wholeTable(all: readonly Measured[]): string {
  const header: Row = [
    ...[
      'search',
      'etcd',
      '× etcdctl',
      'ms',
      'first ms',
      'found',
      'keys read',
      'requests',
      'KB',
      'MB',
      'longest pause ms',
    ],
    ...['etcdctl ms', 'MB'],
  ];
  return table(
    header,
    all.map(({ what, version, own, etcdctl }): Row => [
      ...[what, version, ratio(etcdctl.milliseconds, own.milliseconds)],
      ...[own.milliseconds, own.firstMilliseconds].map(short),
      ...[own.found, own.scanned, own.requests].map(String),
      ...[own.bytes / 1024, own.memory / megabyte, own.longestPause].map(short),
      ...[etcdctl.milliseconds, etcdctl.memory / megabyte].map(short),
    ]),
  );
}

function partsTable(parts: readonly PartMeasured[]): string {
  const header = ['etcd', 'keys searched', 'memory of all keys × this', 'MB', 'KB of the longest answer', 'requests'];
  return table(
    header,
    parts.map(({ version, own, growth }): Row => [
      ...[version, own.scanned.toLocaleString('en'), short(growth)],
      ...[short(own.memory / megabyte), short(own.mostBytes / 1024), String(own.requests)],
    ]),
  );
}

function summaryTable(all: readonly Measured[]): string {
  const versions = [...new Set(all.map(({ version }) => version))];
  const rows = [...new Set(all.map(({ what }) => what))].map((asked): Row => {
    const measured = all.filter(({ what }) => what === asked);
    const ratios = versions.map((each) => {
      const found = measured.find(({ version }) => version === each);
      return found
        ? `${ratio(found.etcdctl.milliseconds, found.own.milliseconds)} ×, first in ${short(found.own.firstMilliseconds)} ms`
        : '';
    });
    const { own } = measured[0] ?? {};
    return [asked, ...ratios, (own?.scanned ?? 0).toLocaleString('en'), `${own?.requests}`];
  });
  return table(['search', ...versions.map((version) => `etcd ${version}`), 'keys read', 'requests'], rows);
}
