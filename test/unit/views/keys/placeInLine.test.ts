import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/connections/connection.ts';
import { SLASHES } from '../../../../src/etcd/keys/hierarchy.ts';
import { listChildren } from '../../../../src/etcd/listing/childListing.ts';
import type { KeyEvent, KeyStore } from '../../../../src/etcd/keyStore.ts';
import { turnsOf } from '../../../../src/etcd/turns.ts';
import { applyEvent, LevelChanges } from '../../../../src/views/following/levelEvents.ts';
import { placeInLine } from '../../../../src/views/keys/layouts/placeInLine.ts';
import { ConnectionNode, KeyNode, type FolderNode } from '../../../../src/views/keys/nodes.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const ROOT = bytes('/locks/');

/** A key of a lock, as it is in etcd. */
function taken(lease: bigint, createRevision: bigint) {
  const key = bytes(`/locks/${lease.toString(16)}`);
  return { key, lease, createRevision, modRevision: createRevision + 10n, value: bytes('') };
}

/** A store with these keys, in key order. */
function storeOf(kvs: readonly ReturnType<typeof taken>[]): KeyStore {
  const keys = kvs.map(({ key }) => Buffer.from(key).toString('latin1'));
  const listing = listChildren(
    async (ranges) => ({
      revision: 5n,
      results: ranges.map(() => ({ keys, turns: turnsOf(kvs), leased: new Set(keys), count: keys.length })),
    }),
    ROOT,
  );
  return { listChildren: () => listing } as unknown as KeyStore;
}

async function levelOf(...kvs: readonly ReturnType<typeof taken>[]): Promise<FolderNode> {
  const profile = { settings: {} };
  const connection = {
    id: 'a',
    root: ROOT,
    profile,
    hierarchy: SLASHES,
    noteOutcome: () => undefined,
  } as unknown as Connection;
  const { root } = new ConnectionNode(connection);
  await root.children(async () => storeOf(kvs));
  return root;
}

const placesOf = ({ loaded }: FolderNode) => loaded.map((node) => node instanceof KeyNode && placeInLine(node));

function apply(level: FolderNode, event: Extract<KeyEvent, { kind: 'put' | 'delete' }>): void {
  applyEvent(level, event, () => true, new LevelChanges());
}

describe('the line for a lock', () => {
  it('begins with the key that was created first, not with the first name or the last write', async () => {
    const level = await levelOf(taken(0xa1n, 4n), taken(0xb2n, 2n), taken(0xc3n, 3n));
    assert.deepEqual(placesOf(level), ['waiting', 'holder', 'waiting']);
  });

  it('has only keys that are named after their lease', async () => {
    const level = await levelOf(
      { ...taken(0xa1n, 1n), lease: 0xffn },
      { ...taken(0xb2n, 2n), lease: 0n },
      taken(0xc3n, 3n),
    );
    assert.deepEqual(placesOf(level), [undefined, undefined, 'holder']);
  });

  it('moves up while it is shown', async () => {
    const level = await levelOf(taken(0xb2n, 2n));
    apply(level, { kind: 'put', kv: taken(0xa1n, 7n) });
    assert.deepEqual(placesOf(level), ['waiting', 'holder']);
    apply(level, { kind: 'delete', key: taken(0xb2n, 2n).key, modRevision: 20n });
    assert.deepEqual(placesOf(level), ['holder']);
  });

  it('is not known where only a part of it is listed', async () => {
    const level = await levelOf(taken(0xa1n, 4n), taken(0xb2n, 2n));
    level.jumpTo(taken(0xb2n, 2n).key);
    assert.deepEqual(placesOf(level), ['unknown', 'unknown']);
  });
});
