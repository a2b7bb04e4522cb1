import { sortedKeys } from './memoryReader.ts';
import { Random } from './random.ts';

const padded = (number: number, width: number): string => String(number).padStart(width, '0');

function* times<Item>(count: number, make: (at: number) => Iterable<Item>): Generator<Item> {
  for (let at = 0; at < count; at++) yield* make(at);
}

/** Creates `count` folders of `keys` keys each. */
export function folders(root: string, count: number, keys: number): string[] {
  return [...times(count, (at) => times(keys, (key) => [`${root}dir-${padded(at, 4)}/key-${padded(key, 6)}`]))];
}

export function leaves(root: string, count: number): string[] {
  return [...times(count, (at) => [`${root}leaf-${padded(at, 6)}`])];
}

/** Creates `count` types with equally many namespaces, and equally many keys in each. */
export function types(root: string, count: number, namespaces: number, keys: number): string[] {
  return [...times(count, (at) => folders(`${root}type${padded(at, 2)}/`, namespaces, keys))];
}

/** Creates small folders, and one in the middle that has nearly all keys. */
export function oneGiant(root: string, small: number, giant: number): string[] {
  return [
    ...folders(`${root}a-`, small / 2, 10),
    ...times(giant, (key) => [`${root}giant/key-${padded(key, 6)}`]),
    ...folders(`${root}z-`, small / 2, 10),
  ];
}

/** Creates folders with random names. */
export function uuids(root: string, count: number, keys: number): string[] {
  const random = new Random(9);
  const uuid = (): string =>
    Buffer.from(random.bytes(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return sortedKeys(
    times(count, () => {
      const name = uuid();
      return times(keys, (key) => [`${root}${name}/field-${padded(key, 2)}`]);
    }),
  );
}

/**
 * Creates folders of very unequal sizes in random order: the largest has `largest` keys, the next one half of it, then
 * a third, and so on.
 */
export function zipf(root: string, count: number, largest: number): string[] {
  const random = new Random(11);
  const ranks = Array.from({ length: count }, (_, at) => at + 1);
  const words = ['alpha', 'beta', 'gamma', 'delta', 'omega'] as const;
  return sortedKeys(
    times(count, () => {
      const [rank = 1] = ranks.splice(random.below(ranks.length), 1);
      const name = `${random.pick(words)}.${random.pick(words)}-${rank}`;
      return times(Math.ceil(largest / rank), (key) => [`${root}${name}/key-${padded(key, 6)}`]);
    }),
  );
}

/** Creates nested folders, each with a key, and one with `keys` keys at the end. */
export function chain(root: string, depth: number, keys: number): string[] {
  const folder = (at: number): string => root + 'down/'.repeat(at);
  const leaf = (at: number): string[] => [`${folder(at)}leaf`];
  return sortedKeys([...times(depth, leaf), ...times(keys, (key) => [`${folder(depth)}key-${padded(key, 6)}`])]);
}

/** Creates folders whose names are the same for hundreds of bytes, and then random. */
export function longNames(root: string, count: number, keys: number): string[] {
  return uuids(`${root}${'the-same-beginning.of/all-names'.replace('/', '.').repeat(10)}`, count, keys);
}

/** Creates single keys with a large folder at regular intervals. */
export function mixed(root: string, count: number, every: number, keys: number): string[] {
  return sortedKeys(
    times(count, (at) =>
      at % every === 0
        ? times(keys, (key) => [`${root}item-${padded(at, 6)}/key-${padded(key, 6)}`])
        : [`${root}item-${padded(at, 6)}`],
    ),
  );
}

const APPS = [
  'cart',
  'checkout',
  'frontend',
  'gateway',
  'ingest',
  'kafka',
  'mailer',
  'payments',
  'redis',
  'search',
  'worker',
] as const;
const STAGES = ['dev', 'prod', 'stage', 'team'] as const;
const RESOURCES = {
  'apiregistration.k8s.io/apiservices': 30,
  clusterroles: 100,
  configmaps: 2500,
  controllerrevisions: 400,
  daemonsets: 60,
  deployments: 900,
  endpointslices: 1200,
  events: 9000,
  jobs: 800,
  leases: 500,
  minions: 100,
  namespaces: 60,
  pods: 8000,
  replicasets: 3000,
  secrets: 2000,
  serviceaccounts: 300,
  'services/endpoints': 900,
  'services/specs': 900,
  statefulsets: 150,
  storageclasses: 5,
};

/**
 * Creates a Kubernetes cluster's registry: resources of very different sizes, each in namespaces of very different
 * sizes.
 * @param scale 1 makes about 31,000 keys
 */
export function kubernetes(root: string, scale = 1, namespaceCount = 60): string[] {
  const random = new Random(7);
  const namespaces = [
    'default',
    'kube-system',
    ...times(namespaceCount - 2, (at) => [`${random.pick(APPS)}-${random.pick(STAGES)}-${at}`]),
  ];
  const suffix = (): string => Buffer.from(random.bytes(5)).toString('hex');
  return sortedKeys(
    times(Object.keys(RESOURCES).length, (at) => {
      const [resource = '', count = 0] = Object.entries(RESOURCES)[at] ?? [];
      return times(Math.ceil(count * scale), () => {
        const namespace = namespaces[Math.floor((random.below(1000) / 1000) ** 2 * namespaces.length)] ?? '';
        return [`${root}${resource}/${namespace}/${random.pick(APPS)}-${suffix()}`];
      });
    }),
  );
}
