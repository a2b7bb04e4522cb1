import { toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import type { Child } from '../../../src/etcd/keyStore.ts';

export interface PlainChild {
  readonly kind: Child['kind'];
  readonly name: string;
  readonly path: string;
  readonly keyCount: number | undefined;
}

/** Finds the children of a folder by reading every key; `keys` are sorted. */
export function expectedChildren(
  keys: readonly string[],
  prefix: string,
  separators: readonly string[] = ['/'],
  namePrefix = '',
): PlainChild[] {
  const children = new Map<string, PlainChild>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const [name, separator] = firstSegment(key.slice(prefix.length), separators);
    if (!name.startsWith(namePrefix)) continue;
    if (separator === '') {
      children.set(key, { kind: 'key', name, path: key, keyCount: undefined });
    } else {
      const path = prefix + name + separator;
      const id = `folder ${path}`;
      children.set(id, { kind: 'folder', name, path, keyCount: (children.get(id)?.keyCount ?? 0) + 1 });
    }
  }
  return [...children.values()];
}

/** Returns the name and the separator that ends first after it; of those that end there, the longest. */
function firstSegment(rest: string, separators: readonly string[]): readonly [string, string] {
  const byLength = separators.toSorted((a, b) => b.length - a.length);
  for (let end = 1; end <= rest.length; end++) {
    const separator = byLength.find((each) => rest.slice(0, end).endsWith(each));
    if (separator !== undefined) return [rest.slice(0, end - separator.length), separator];
  }
  return [rest, ''];
}

export function plain({ kind, name, path, keyCount }: Child): PlainChild {
  return { kind, name: toBinaryKey(name), path: toBinaryKey(path), keyCount };
}
