import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { toBinaryKey } from '../../etcd/keys/binaryKey.ts';
import { copyName, lastName, leadingSeparator } from '../../etcd/keys/newNames.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { compareKeys, prefixRange } from '../../etcd/keys/ranges.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import type { TransferRoot } from '../../etcd/transfer/transferPlan.ts';
import type { Connection } from '../../connections/connection.ts';
import type { PathTarget } from '../context/pathTarget.ts';

/** Destination of keys: a folder or, without one, a connection, where they keep their paths. */
export interface Destination {
  readonly connection: Connection;
  readonly folder?: Uint8Array;
}

const MAX_COPY_NAMES = 1000;

/**
 * Returns the new names of keys and folders at a destination. Those already there are left out of a move, and get other
 * names in a copy.
 * @throws EtcdError if two of them would have the same name, or a folder would be moved into itself
 */
export async function rootsAt(
  sources: readonly PathTarget[],
  destination: Destination,
  store: KeyStore,
  move: boolean,
): Promise<TransferRoot[]> {
  const roots: TransferRoot[] = [];
  const names = new Set<string>();
  for (const source of sources) {
    const root = { kind: source.kind, from: source.path, to: newPath(source, destination) };
    const isWithin = source.connection === destination.connection;
    if (isWithin && compareKeys(root.from, root.to) === 0) {
      if (!move) roots.push({ ...root, to: await freeCopyName(root.to, store) });
      continue;
    }
    if (isWithin && move && source.kind === 'folder' && toBinaryKey(root.to).startsWith(toBinaryKey(root.from)))
      throw new EtcdError('unsupported', l10n.t('The folder {0} cannot be moved into itself.', keyText(root.from)));
    if (names.has(toBinaryKey(root.to)))
      throw new EtcdError(
        'unsupported',
        l10n.t('Two of them would have the name {0}: move or copy them separately.', keyText(root.to)),
      );
    names.add(toBinaryKey(root.to));
    roots.push(root);
  }
  return roots;
}

function newPath({ connection: { hierarchy }, path, connection }: PathTarget, to: Destination): Uint8Array {
  if (to.folder) return Buffer.concat([to.folder, lastName(path, hierarchy)]);
  if (connection !== to.connection) return path;
  const { root } = connection;
  const top = root.length > 0 ? root : path.subarray(0, leadingSeparator(path, hierarchy));
  return Buffer.concat([top, lastName(path, hierarchy)]);
}

async function freeCopyName(path: Uint8Array, store: KeyStore): Promise<Uint8Array> {
  const { hierarchy } = store;
  const isFolder = hierarchy.isFolder(path);
  for (let attempt = 1; attempt <= MAX_COPY_NAMES; attempt++) {
    const name = copyName(path, hierarchy, attempt);
    const isTaken = isFolder
      ? (await store.count([prefixRange(name)])).keys > 0
      : (await store.get(name)).kv !== undefined;
    if (!isTaken) return name;
  }
  throw new EtcdError('unsupported', l10n.t('There are too many copies of {0}.', keyText(path)));
}
