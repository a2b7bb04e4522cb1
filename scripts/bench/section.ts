import type { EtcdServer } from '../../test/fixtures/etcdServer.ts';
import type { EtcdSeries } from '../setup/etcdSeries.ts';
import type { Shape } from './shapes.ts';

/** What all sections of the bench share. */
export interface Bench {
  readonly versions: readonly EtcdSeries[];
  /** Number of keys in the largest shapes. */
  readonly size: number;
  /** The requested shapes; the server has all of them. */
  readonly shapes: readonly Shape[];
  /** Round-trip times to add, in milliseconds; see `delayedPort`. */
  readonly delays: readonly number[];
  /** Number of keyspaces to generate. */
  readonly seeds: number;
  /**
   * Returns an etcd with the keyspace of `shapes.ts`, shared by all sections: a section writes only below a prefix of
   * its own.
   */
  server(version: EtcdSeries): Promise<EtcdServer>;
}

export interface Report {
  /** Tables in Markdown, ratios first. */
  readonly markdown: string;
  /** The part for docs/performance.md, if any: a table, and what its columns mean. */
  readonly summary?: string;
  /** All measurements, for the JSON file. */
  readonly figures: unknown;
}

/** A part of the bench, chosen with `--sections`; `sections.ts` lists them. */
export interface Section {
  readonly name: string;
  run(bench: Bench): Promise<Report>;
  /**
   * Returns a sentence for each count that exceeds its written bound, for `--quick` in `npm test`. Times are not
   * checked, because they are noisy.
   */
  check?(bench: Bench): Promise<readonly string[]>;
}
