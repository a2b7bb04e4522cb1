import { l10n } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { compareSides, type ComparedSide } from '../../etcd/past/compareSides.ts';
import type { Difference } from '../../etcd/past/difference.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';

/** Limit of the differences of each kind that are kept for display; further ones are only counted. */
const MAX_KEPT = 5000;

export type DifferenceKind = Difference['kind'];

/** One side of a comparison: all keys of a connection that begin with a prefix, at a revision or at present. */
export interface Place {
  /** The live connection, never a past view. */
  readonly connection: Connection;
  readonly prefix: Uint8Array;
  readonly revision?: bigint | undefined;
}

export type ComparisonState =
  | { readonly kind: 'running' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: EtcdError };

type ComparedClusters = Readonly<Record<'left' | 'right', string | undefined>>;

/** A comparison of two places, and its progress. */
export class Comparison {
  readonly left: Place;
  readonly right: Place;
  readonly kept: Record<DifferenceKind, Difference[]> = {
    changed: [],
    added: [],
    deleted: [],
    rewritten: [],
    leaseChanged: [],
  };
  readonly counts: Record<DifferenceKind, number> = { changed: 0, added: 0, deleted: 0, rewritten: 0, leaseChanged: 0 };
  state: ComparisonState = { kind: 'running' };
  /** Keys read so far on both sides together, and their total. */
  read = 0;
  total = 0;
  /** The revision of the present on the right side. */
  rightRevision: bigint | undefined;
  /** The clusters that were compared; see `KeyStore.clusterId`. */
  clusters: ComparedClusters = { left: undefined, right: undefined };

  readonly #abort = new AbortController();

  constructor(left: Place, right: Place) {
    this.left = left;
    this.right = right;
  }

  /** Whether both sides are the same keys at two revisions. */
  get isOfRevisions(): boolean {
    const { left, right } = this;
    return left.connection === right.connection && Buffer.compare(left.prefix, right.prefix) === 0;
  }

  /**
   * Whether the left side is a file and the right side has the same folder, so that keys can be restored from the file.
   */
  get isFromFile(): boolean {
    const { left, right } = this;
    const isNow = right.revision === undefined && !right.connection.file;
    return left.connection.file !== undefined && isNow && Buffer.compare(left.prefix, right.prefix) === 0;
  }

  /** Runs until the end, a failure, or `stop`. @param advanced called on progress */
  async run(advanced: () => void): Promise<void> {
    const { signal } = this.#abort;
    try {
      const [left, right] = await Promise.all([sideOf(this.left), sideOf(this.right)]);
      const clusterOf = async ({ store }: ComparedSide) => await store.clusterId?.(signal);
      const [leftCluster, rightCluster] = await Promise.all([clusterOf(left), clusterOf(right)]);
      this.clusters = { left: leftCluster, right: rightCluster };
      const by = this.isOfRevisions ? 'revision' : 'value';
      for await (const batch of compareSides(left, right, { by, signal })) {
        this.read = batch.read;
        this.total = batch.total;
        this.rightRevision = batch.rightRevision;
        for (const difference of batch.differences) this.#add(difference);
        advanced();
      }
      this.state = { kind: 'complete' };
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      this.state = signal.aborted ? { kind: 'stopped' } : { kind: 'failed', error };
    }
    advanced();
  }

  stop(): void {
    this.#abort.abort();
  }

  #add(difference: Difference): void {
    const { kind } = difference;
    this.counts[kind]++;
    if (this.kept[kind].length < MAX_KEPT) this.kept[kind].push(difference);
  }
}

async function sideOf({ connection, prefix, revision }: Place) {
  return { store: await connection.store('interactive'), prefix, revision };
}

/** Names both sides in one line, such as `prod /config/: revision 5 ↔ now (7)`. */
export function comparisonTitle({ left, right, rightRevision, isOfRevisions }: Comparison): string {
  if (!isOfRevisions) return [left, right].map((place) => `${placeName(place)} (${timeName(place)})`).join(' ↔ ');
  const now = right.revision === undefined && rightRevision !== undefined ? ` (${rightRevision})` : '';
  return `${placeName(left)}: ${timeName(left)} ↔ ${timeName(right)}${now}`;
}

function timeName({ revision }: Place): string {
  return revision === undefined ? l10n.t('now') : l10n.t('revision {0}', String(revision));
}

export function placeName({ connection, prefix }: Place): string {
  return [connection.name, keyText(prefix)].filter(Boolean).join(' ');
}
