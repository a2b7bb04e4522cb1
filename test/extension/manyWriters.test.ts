import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { FileSystemError } from 'vscode';
import { Drafts } from '../../src/documents/keyFile/drafts.ts';
import { KeyFileSystem } from '../../src/documents/keyFile/keyFileSystem.ts';
import { OwnWrites } from '../../src/documents/keyFile/ownWrites.ts';
import { SaveChecks } from '../../src/documents/keyFile/saveChecks.ts';
import { Snapshots } from '../../src/documents/keyFile/sharedReads.ts';
import { bytes } from '../etcd/connecting.ts';
import { MemoryState } from '../fixtures/vscodeState.ts';
import { Random } from '../unit/listing/random.ts';
import { uriOf } from './documentUris.ts';
import { Outside } from './outside.ts';

const WRITERS = 20;
const SAVES_EACH = 45;
const EDITOR_SAVES = 100;
const PAUSE_MILLISECONDS = 200;

describe('many writers of one key', () => {
  it(`${WRITERS} writers and the editor save it ${WRITERS * SAVES_EACH + EDITOR_SAVES} times`, async function () {
    this.timeout('5m');
    const outside = await Outside.connect();
    const storeFor = async () => outside.store;
    const guard = new SaveChecks(
      () => undefined,
      async () => undefined,
    );
    const files = new KeyFileSystem(services());
    const uri = uriOf('/many-writers');
    const key = bytes('/many-writers');
    await outside.put(['/many-writers', '']);
    const written: string[] = [];
    let [byEditor, refused] = [0, 0];
    const random = new Random(20);

    /** Edits as VS Code does: it compares the times of two `stat` calls, and writes immediately after the second. */
    async function edit(): Promise<void> {
      while (byEditor < EDITOR_SAVES) {
        const [text, loaded] = await Promise.all([files.readFile(uri), files.stat(uri)]);
        const line = `editor ${byEditor}\n`;
        const now = await files.stat(uri);
        if (now.mtime !== loaded.mtime) refused++;
        else
          try {
            await files.writeFile(uri, Buffer.concat([text, bytes(line)]), { create: true, overwrite: true });
            written.push(line);
            byEditor++;
          } catch (error) {
            assert.ok(error instanceof FileSystemError, String(error));
            refused++;
          }
      }
    }

    async function write(writer: number): Promise<void> {
      for (let count = 0; count < SAVES_EACH;) {
        // Without a pause, each would hinder all others most of the time.
        await delay(random.below(PAUSE_MILLISECONDS));
        const { kv } = await outside.store.get(key);
        assert.ok(kv);
        const line = `writer ${writer}: ${count}\n`;
        const { outcome } = await outside.store.put(key, Buffer.concat([kv.value, bytes(line)]), kv);
        if (outcome === 'written') {
          written.push(line);
          count++;
        }
      }
    }

    await Promise.all([edit(), ...Array.from({ length: WRITERS }, (_, writer) => write(writer))]);
    const value = (await outside.value('/many-writers')) ?? '';
    assert.deepEqual(value.match(/.*\n/g)?.toSorted(), written.toSorted());
    if (this.test)
      this.test.title += `: ${written.length} saved, ${written.length} kept, ${byEditor} of them the editor's, to which ${refused} were refused`;
    files.dispose();
    guard.dispose();
    outside.close();

    function services() {
      const memento = new MemoryState();
      return {
        storeFor,
        storeToWrite: storeFor,
        snapshots: new Snapshots(storeFor),
        drafts: new Drafts(memento),
        guard,
        memento,
        isReadOnly: () => false,
        ownWrites: new OwnWrites(),
      };
    }
  });
});
