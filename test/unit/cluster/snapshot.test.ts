import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSnapshot } from '../../../src/etcd/cluster/snapshot.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';

const SECTOR = 512;

describe('a snapshot that comes in parts', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etcd-snapshot-'));
    path = join(folder, 'saved.db');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const database = Buffer.alloc(SECTOR * 9, 'database');
  const whole = Buffer.concat([database, createHash('sha256').update(database).digest()]);

  async function* inParts(content: Uint8Array, length: number) {
    for (let at = 0; at < content.length; at += length) {
      const blob = content.subarray(at, at + length);
      yield await Promise.resolve({ blob, remainingBytes: BigInt(content.length - at - blob.length) });
    }
  }

  const options = { progress: () => undefined, silence: 60_000, name: 'm' };

  for (const length of [1, 31, 32, 33, SECTOR, whole.length])
    it(`is written whole from parts of ${length} bytes`, async () => {
      const told: number[] = [];
      await writeSnapshot(inParts(whole, length), path, {
        ...options,
        progress: ({ written, total }) => {
          assert.equal(total, whole.length);
          told.push(written);
        },
      });
      assert.deepEqual(await readFile(path), whole);
      assert.equal(told.at(-1), whole.length);
    });

  const broken: readonly (readonly [string, Buffer])[] = [
    ['ends too early', whole.subarray(0, -40)],
    ['ends with its database', database],
    ['has another byte', Buffer.concat([Buffer.from('D'), whole.subarray(1)])],
    ['has another hash', Buffer.concat([database, Buffer.alloc(32)])],
    ['is empty', Buffer.alloc(0)],
  ];
  for (const [what, content] of broken)
    it(`replaces nothing if it ${what}`, async () => {
      await writeFile(path, 'before');
      await assert.rejects(writeSnapshot(inParts(content, 100), path, options), (error) =>
        EtcdError.is(error, 'unexpected'),
      );
      assert.deepEqual(await readdir(folder), ['saved.db']);
      assert.equal(await readFile(path, 'utf8'), 'before');
    });

  it('is given up when nothing comes any more', async () => {
    async function* silent() {
      yield* inParts(database, SECTOR);
      await new Promise(() => undefined);
    }
    await assert.rejects(writeSnapshot(silent(), path, { ...options, silence: 20 }), (error) =>
      EtcdError.is(error, 'timedOut'),
    );
    assert.deepEqual(await readdir(folder), []);
  });
});
