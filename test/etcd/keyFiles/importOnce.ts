import { createReadStream } from 'node:fs';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { planImport } from '../../../src/etcd/keyFiles/importPlan.ts';
import { ImportSpool } from '../../../src/etcd/keyFiles/importSpool.ts';
import { TEXT_FORMATS } from '../../../src/etcd/keyFiles/formats.ts';
import { settingsFor } from '../connecting.ts';
import { writerOf } from './keyFiles.ts';

// Imports a JSON file, and prints how that ended. A program of its own, because a process's limits apply to the whole
// process.
const [endpoint = '', file = '', spoolPath = ''] = process.argv.slice(2);
const { store, close } = await connectEtcd({ ...settingsFor(endpoint), api: 'v3' });
try {
  const spool = await ImportSpool.create(spoolPath);
  const parts = TEXT_FORMATS.json.read(createReadStream(file));
  const writer = writerOf(store, await planImport(store, { parts }, spool));
  await writer.run();
  console.log(`written: ${writer.written}, left: ${writer.left.length}`);
} catch (error) {
  console.log(EtcdError.is(error) ? `failed as ${error.kind}: ${error.message}` : String(error));
} finally {
  close();
}
