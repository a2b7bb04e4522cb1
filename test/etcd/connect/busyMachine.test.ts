import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestLogEntry } from '../../../src/etcd/http/httpClient.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import type { KeyMetadata, KeyStore } from '../../../src/etcd/keyStore.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';

const REQUESTS = 240;
const SIZES = [50, 500, 5_000, 50_000, 100_000, 1_000_000];
const AT_A_TIME = 4;
const SPIN_MILLISECONDS = 8;

describe('answers on a machine that is busy', () => {
  let server: EtcdServer;
  let burner: ChildProcess;
  let isBusy = true;

  before(async function () {
    this.timeout('2m');
    server = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2'] });
    // Ends by itself if this process cannot end it.
    burner = spawn(process.execPath, ['-e', 'const begin = Date.now(); while (Date.now() - begin < 60_000);']);
    // Several timers in one turn, between which answers arrive.
    for (let spinners = 0; spinners < 3; spinners++) spin();
  });
  after(async () => {
    isBusy = false;
    burner?.kill('SIGKILL');
    await server?.stop();
  });

  /** Blocks this process again and again. */
  function spin(): void {
    const began = performance.now();
    const length = Math.random() * SPIN_MILLISECONDS;
    while (performance.now() - began < length);
    if (isBusy) setTimeout(spin, 1);
  }

  for (const way of [{ transport: 'gateway' }, { transport: 'grpc' }, { api: 'v2' }] as const)
    it(`are never cut off by this side (${JSON.stringify(way)})`, async function () {
      this.timeout('3m');
      const failed: RequestLogEntry[] = [];
      const log = (entry: RequestLogEntry) => void (entry.error !== undefined && failed.push(entry));
      const { store, close } = await connectEtcd({ ...settingsFor(server.endpoint, { log }), api: 'v3', ...way });
      failed.length = 0;
      let count = 0;
      await Promise.all(
        Array.from({ length: AT_A_TIME }, (_, worker) =>
          work(store, bytes(`/busy/${worker}`), () => count++ < REQUESTS),
        ),
      );
      assert.deepEqual(failed, []);
      close();
    });

  async function work(store: KeyStore, key: Uint8Array, goesOn: () => boolean): Promise<void> {
    let known: KeyMetadata | undefined;
    for (let round = 0; goesOn(); round++) {
      // A request that begins in the turn of a timer is followed by other timers that block.
      await delay(1);
      const size = SIZES[round % SIZES.length] ?? 0;
      if (round % 3 === 0) await store.put(key, new Uint8Array(size).fill(97), known ?? 'absent');
      ({ kv: known } = await store.get(key));
    }
  }
});
