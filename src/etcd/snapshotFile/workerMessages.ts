import type { EtcdErrorKind } from '../errors.ts';
import type { OpenProgress } from './openSnapshot.ts';
import type { SnapshotReader, SnapshotSummary } from './snapshotReader.ts';

/** Requests to a reader. */
export type Question = Exclude<keyof SnapshotReader, 'close'>;

/** The first message to the thread that opens a file. */
export interface WorkerTask {
  readonly path: string;
  /** See `openSnapshot`. */
  readonly folder: string;
  /** See `OpenOptions`. */
  readonly indexFolder: string | undefined;
  readonly savedFrom: number | undefined;
  /** The texts of the user's language. */
  readonly translations: Record<string, string | { message: string; comment: string[] }> | undefined;
}

export interface Asked {
  readonly id: number;
  readonly name: Question;
  readonly args: readonly unknown[];
}

/** An EtcdError as data, because it loses its class between threads. */
export interface Failure {
  readonly kind: EtcdErrorKind;
  readonly message: string;
  readonly oldestRevision: bigint | undefined;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly step: Parameters<OpenProgress>[0]; readonly done: number }
  | { readonly kind: 'opened'; readonly summary: SnapshotSummary }
  /** The file was not opened. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** `result` has the type that the requested method returns. */
  | { readonly kind: 'answer'; readonly id: number; readonly result: never }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };
