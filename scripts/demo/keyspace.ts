import { configurationKeyspace } from './configuration.ts';
import type { DemoEntry } from './entry.ts';
import { featureKeyspace } from './features.ts';
import { leasedKeyspace, patroniKeyspace, skydnsKeyspace, traefikKeyspace } from './infrastructure.ts';
import { kubernetesKeyspace } from './kubernetes/registry.ts';
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

/**
 * A keyspace that looks like life, the same on every run: 103,123 different keys, 4.9 MB of values.
 *
 * | Keys    | Area |
 * | ------- | ---- |
 * | 100,000 | `/sessions/by-id/`: one large folder |
 * | 2,625   | `/registry/` (Kubernetes): 1,364 events and 1 master lease (leased), 341 pods, 192 secrets, 80 config maps, 80 service accounts, 64 each of 8 kinds more, 55 others |
 * | 155     | `/traefik/` |
 * | 114     | `/skydns/` |
 * | 45      | `/services/instances/` and `/locks/`, all leased |
 * | 37      | `/features/` in JSON, YAML and TOML |
 * | 36      | `/odd/`, and 4 odd keys elsewhere: `/`, `//leading`, the byte 0, the bytes ff ff |
 * | 30      | `/service/` (Patroni): 12 of them leased |
 * | 30      | `/i18n/` in many scripts |
 * | 22      | `/config/`: files, plain values, an empty one, one of 1 MB, a key that is a folder too |
 * | 9       | without a leading slash: `app.*`, `jobs/nightly/`, `compact_rev_key` |
 * | 8       | `/a`, `/a/`, `/ab`, `/a.b`: for deleting the one and not the others |
 * | 8       | `/binary/` |
 */
export function* demoKeyspace(): Iterable<DemoEntry> {
  yield* configurationKeyspace();
  yield* featureKeyspace();
  yield* languageKeyspace();
  yield* binaryKeyspace();
  yield* oddKeyspace();
  yield* patroniKeyspace();
  yield* traefikKeyspace();
  yield* skydnsKeyspace();
  yield* leasedKeyspace();
  yield* kubernetesKeyspace();
  yield* manyKeys();
}
