/** A kind of row: the view it is in, the first word of its context value, and then one word of each group. */
export interface RowKind {
  readonly view: string;
  readonly kind: string;
  /** Groups of context-value words, of which each row has exactly one; the empty word stands for none. */
  readonly facets: readonly (readonly string[])[];
}

const KEYS = 'etcd.keys';
const CLUSTER = 'etcd.cluster';

/** `v3`, `v2`, and a store that is not open; see `contextValue.ts`. */
const ABILITIES = ['leases;history', 'emptyFolders', ''];
const LOCKED = ['', 'readOnly'];
const STATES = ['idle', 'connecting', 'connected', 'failed'];
const FILTERED = ['', 'filtered'];

const row = (view: string, kind: string, ...facets: readonly string[][]): RowKind => ({ view, kind, facets });

/** Every kind of row that a view can have, and everything that the code may say of it. */
export const ROWS: readonly RowKind[] = [
  row(KEYS, 'connection', STATES, FILTERED, ABILITIES, LOCKED),
  row(KEYS, 'connection', STATES, FILTERED, ['history', ''], ['file'], ['readOnly']),
  row(KEYS, 'past', STATES, ABILITIES, ['', 'file'], LOCKED, ['past']),
  row(KEYS, 'folder', ['', 'pinned'], FILTERED, ABILITIES, LOCKED, ['', 'past']),
  row(KEYS, 'folder', ['', 'pinned'], FILTERED, ['history'], ['file'], ['readOnly'], ['', 'past']),
  row(KEYS, 'key', ABILITIES, LOCKED, ['', 'past']),
  row(KEYS, 'key', ['history'], ['file'], ['readOnly'], ['', 'past']),
  row(KEYS, 'failure', ['compacted', 'permissionDenied', 'wrongPassword', 'signInNeeded'], ['', 'past']),
  row(KEYS, 'loadMore'),
  row(KEYS, 'loading'),
  row(KEYS, 'connecting'),
  row(KEYS, 'empty'),
  row('etcd.search', 'key', ABILITIES, LOCKED, ['', 'past']),
  row('etcd.search', 'key', ['history'], ['file'], ['readOnly'], ['', 'past']),
  row('etcd.search', 'searchOn'),
  row('etcd.comparison', 'group', ['', 'toRight'], ['', 'toLeft']),
  row('etcd.comparison', 'difference', ['', 'restorable'], ['', 'history'], ['', 'toRight'], ['', 'toLeft']),
  ...['failure', 'stopped', 'running', 'same', 'more'].map((kind) => row('etcd.comparison', kind)),
  row('etcd.watch', 'watch', ['paused', 'going'], ['starting', 'running', 'interrupted', 'failed']),
  row('etcd.watch', 'event'),
  row(CLUSTER, 'member', ['learner', 'leader', 'follower']),
  row(CLUSTER, 'alarm', ['NOSPACE', 'CORRUPT', '']),
  row(CLUSTER, 'authentication', ['on', 'off']),
  ...['members', 'alarms', 'space', 'users', 'roles', 'leases', 'lease', 'user', 'userRole', 'role'].map((kind) =>
    row(CLUSTER, kind),
  ),
  ...['grant', 'figure'].map((kind) => row(CLUSTER, kind)),
];

/** Returns every context value that a kind of row can have. */
export function contextValues({ kind, facets }: RowKind): string[] {
  let values = [kind];
  for (const words of facets)
    values = values.flatMap((value) => words.map((word) => (word ? `${value};${word}` : value)));
  return values;
}

/** Returns the words of context values, without their order: kinds, and what is said of a row. */
export function wordsOfRows(): Set<string> {
  return new Set(ROWS.flatMap((kind) => contextValues(kind)).flatMap((value) => value.split(';')));
}
