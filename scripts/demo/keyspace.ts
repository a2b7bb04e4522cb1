import { configurationKeyspace } from './configuration.ts';
import type { DemoEntry } from './entry.ts';
import { featureKeyspace } from './features.ts';
import { leasedKeyspace, patroniKeyspace, skydnsKeyspace, traefikKeyspace } from './infrastructure.ts';
import { kubernetesKeyspace } from './kubernetes/registry.ts';
import { layoutKeyspace } from './layouts.ts';
import { binaryKeyspace, languageKeyspace, oddKeyspace } from './oddKeys.ts';
import { Random } from './random.ts';

const sessionCount = 100_000;

function* manyKeys(): Iterable<DemoEntry> {
  const random = new Random('sign-ins');
  for (let count = 0; count < sessionCount; count++) {
    const device = random.pick(['android', 'ios', 'linux', 'macos', 'windows']);
    yield { key: `/sessions/by-id/${random.uuid()}`, value: `user-${random.below(1_000_000)} ${device}` };
  }
}

/** Moves what tests have at the top below `/odd/`, where nobody stumbles over it who only looks around. */
function* belowOdd(entries: Iterable<DemoEntry>): Iterable<DemoEntry> {
  for (const { key, ...entry } of entries) {
    const text = Buffer.from(key).toString('latin1');
    const moved = text.startsWith('/odd/') ? text : text.startsWith('/') ? `/odd${text}` : `/odd/${text}`;
    yield { ...entry, key: Buffer.from(moved, 'latin1') };
  }
}

/**
 * A keyspace that looks like life, the same on every run: 103,146 different keys, 4.9 MB of values.
 *
 * | Keys    | Area |
 * | ------- | ---- |
 * | 100,000 | `/sessions/by-id/`: one large folder |
 * | 2,625   | `/registry/` (Kubernetes): 1,364 events and 1 master lease (leased), 341 pods, 192 secrets, 80 config maps, 80 service accounts, 64 each of 8 kinds more, 55 others |
 * | 155     | `/traefik/` |
 * | 114     | `/skydns/` |
 * | 45      | `/services/instances/` and `/locks/`, all leased |
 * | 37      | `/features/` in JSON, YAML and TOML |
 * | 48      | `/odd/`: odd keys, and `/odd/a`, `/odd/a/`, `/odd/ab`, `/odd/a.b` for deleting the one and not the others |
 * | 30      | `/service/` (Patroni): 12 of them leased |
 * | 30      | `/i18n/` in many scripts |
 * | 22      | `/config/`: files, plain values, an empty one, one of 1 MB, a key that is a folder too |
 * | 23      | `/apisix/`, `cilium/`, `/calico/`, `/vitess/`, `by-dev/` (Milvus), `_sd.placement/` and `_kv/` (M3), `/elections/` |
 * | 9       | without a leading slash: `app.*`, `jobs/nightly/`, `compact_rev_key` |
 * | 8       | `/binary/` |
 */
export function* demoKeyspace(): Iterable<DemoEntry> {
  yield* configurationKeyspace();
  yield* featureKeyspace();
  yield* languageKeyspace();
  yield* binaryKeyspace();
  yield* belowOdd(oddKeyspace());
  yield* patroniKeyspace();
  yield* traefikKeyspace();
  yield* skydnsKeyspace();
  yield* leasedKeyspace();
  yield* layoutKeyspace();
  yield* kubernetesKeyspace();
  yield* manyKeys();
}
