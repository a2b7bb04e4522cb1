import { toBinaryKey } from '../../../src/etcd/keyspace/binaryKey.ts';
import type { Child } from '../../../src/etcd/keyStore.ts';

export interface PlainChild {
  readonly kind: Child['kind'];
  readonly name: string;
  readonly path: string;
  readonly keyCount: number | undefined;
}

/** The children of a folder by reading every key; `keys` are sorted. */
export function expectedChildren(
  keys: readonly string[],
  prefix: string,
  separator = '/',
  namePrefix = '',
): PlainChild[] {
  const children = new Map<string, PlainChild>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const [name = '', ...deeper] = key.slice(prefix.length).split(separator);
    if (!name.startsWith(namePrefix)) continue;
    if (deeper.length === 0) {
      children.set(`key ${name}`, { kind: 'key', name, path: key, keyCount: undefined });
    } else {
      const keyCount = (children.get(`folder ${name}`)?.keyCount ?? 0) + 1;
      children.set(`folder ${name}`, { kind: 'folder', name, path: prefix + name + separator, keyCount });
    }
  }
  return [...children.values()];
}

export function plain({ kind, name, path, keyCount }: Child): PlainChild {
  return { kind, name: toBinaryKey(name), path: toBinaryKey(path), keyCount };
}
