import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { secretObject } from '../../../scripts/demo/kubernetes/objects.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { exportKeys } from '../../../src/etcd/keyFiles/exportKeys.ts';
import type { FilePart } from '../../../src/etcd/keyFiles/fileEntry.ts';
import { readKeyFolder, writeKeyFolder } from '../../../src/etcd/keyFiles/keyFolder.ts';
import { withYaml } from '../../../src/etcd/keyFiles/withYaml.ts';
import { yamlIfReadable } from '../../../src/etcd/kubernetes/storedObject.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { ETCD_SERIES } from '../versions.ts';
import { Imports, localFolder, partsOf, textOf, writerOf } from './keyFiles.ts';

const PREFIX = bytes('/registry/');
const KEY = bytes('/registry/secrets/default/s');
const CUSTOM = '{"apiVersion":"example.com/v1","kind":"X","metadata":{"name":"a"}}\n';
const meta = { namespace: 'default', name: 's', uid: '1', ageMinutes: 1, manager: 'kubectl' };
const SECRET = secretObject(meta, 'Opaque', { user: 'admin' });

for (const version of ETCD_SERIES)
  describe(`Kubernetes objects in files, etcd ${version}`, () => {
    let server: EtcdServer;
    let imports: Imports;
    let store: KeyStore;
    let close: () => void;

    before(async function () {
      this.timeout('5m');
      server = await startEtcd({ version });
      imports = await Imports.begin();
      ({ store, close } = await connectEtcd({ ...settingsFor(server.endpoint), api: 'v3' }));
    });
    after(async () => {
      close?.();
      await imports?.end();
      await server?.stop();
    });
    beforeEach(async () => {
      await store.delete([prefixRange(PREFIX)]);
      await store.put(KEY, SECRET, 'absent');
      await store.put(bytes('/registry/x/a'), bytes(CUSTOM), 'absent');
    });

    const parts = () => withYaml(exportKeys(store, { ranges: [prefixRange(PREFIX)], prefix: PREFIX, facts: true }));

    /** Imports into an empty store; the values must be exactly what they were. */
    async function importBack(read: AsyncIterable<FilePart>): Promise<void> {
      await store.delete([prefixRange(PREFIX)]);
      const writer = writerOf(store, await imports.plan(store, read));
      await writer.run();
      const { kvs } = await store.getMany([KEY, bytes('/registry/x/a')], { values: true });
      assert.deepEqual(
        kvs.map((kv) => kv && Buffer.from(kv.value)),
        [Buffer.from(SECRET), Buffer.from(CUSTOM)],
      );
      assert.equal((await store.count([prefixRange(PREFIX)])).keys, 2);
    }

    for (const format of ['json', 'yaml'] as const)
      it(`stand as YAML beside their exact bytes in ${format}, and only the bytes are imported`, async () => {
        const text = await textOf(parts(), format);
        const shown =
          format === 'json'
            ? [...text.matchAll(/"forReading":("(?:[^"\\]|\\.)*")/g)].map(([, yaml = '']) =>
                load(JSON.parse(yaml) as string),
              )
            : [...text.matchAll(/ {2}forReading: \|\n((?: {4}.*\n)+)/g)].map(([, yaml = '']) => load(yaml));
        assert.deepEqual(shown, [load(yamlIfReadable(SECRET) ?? '')]);
        await importBack(partsOf(text.replace('name: s', 'name: edited'), format));
      });

    it('stand as YAML beside their exact bytes in a folder, and only the bytes are imported', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'etcd-export-'));
      try {
        await writeKeyFolder(localFolder(folder), parts(), store);
        const shown = join(folder, 'secrets', 'default', 's%.yaml');
        assert.equal(await readFile(shown, 'utf8'), yamlIfReadable(SECRET));
        await assert.rejects(readFile(join(folder, 'x', 'a%.yaml')), { code: 'ENOENT' });
        await writeFile(shown, 'edited: true');
        await importBack(readKeyFolder(localFolder(folder)));
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
