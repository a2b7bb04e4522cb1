import type { EtcdServer } from '../../test/fixtures/etcdServer.ts';
import type { EtcdSeries } from '../setup/etcd.ts';
import type { Shape } from './shapes.ts';

/** What the sections of the bench have in common. */
export interface Bench {
  readonly versions: readonly EtcdSeries[];
  /** How many keys the largest shapes have. */
  readonly size: number;
  /** The shapes that are asked for; the server has all of them. */
  readonly shapes: readonly Shape[];
  /** Round-trip times to add, in milliseconds; see `delayedPort`. */
  readonly delays: readonly number[];
  /** An etcd with the keyspace of `shapes.ts`, one for all sections: a section writes only below a prefix of its own. */
  server(version: EtcdSeries): Promise<EtcdServer>;
}

export interface Report {
  /** Tables as Markdown has them, ratios first. */
  readonly markdown: string;
  /** What the README shows of it, where it shows anything: a table, and what its columns mean. */
  readonly readme?: string;
  /** Everything that was measured, for the JSON file. */
  readonly figures: unknown;
}

/** A part of the bench, which `--sections` names; `sections.ts` lists them. */
export interface Section {
  readonly name: string;
  run(bench: Bench): Promise<Report>;
  /** For `--quick`, in `npm test`: a sentence for each count that went beyond its written bound. No times: they are noisy. */
  check?(bench: Bench): Promise<readonly string[]>;
}
