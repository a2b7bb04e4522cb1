import { setTimeout as delay } from 'node:timers/promises';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { KV } from '../../src/etcd/v3/transport/rpc_pb.js';
import { settingsFor } from './settings.ts';

/** A process that writes a number of keys per second below a prefix, in transactions, for a number of seconds. */

/** Messages of the process: it is ready to begin; everything is written. */
export type WriterMessage = 'ready' | 'done';

const KEYS_PER_TRANSACTION = 20;
const VALUE = new Uint8Array(100).fill(0x61);

const [endpoint = '', prefix = '', rate = '', seconds = ''] = process.argv.slice(2);
const transactions = (Number(rate) * Number(seconds)) / KEYS_PER_TRANSACTION;
const pause = (1000 * KEYS_PER_TRANSACTION) / Number(rate);
const { session, close } = await connectV3({ ...settingsFor(endpoint), transport: 'grpc' });

async function write(number: number): Promise<void> {
  const success = Array.from({ length: KEYS_PER_TRANSACTION }, (_, index) => {
    const key = Buffer.from(`${prefix}${(number * KEYS_PER_TRANSACTION + index) % 5000}`);
    return { request: { case: 'requestPut' as const, value: { key, value: VALUE } } };
  });
  await session.call(KV.method.txn, { success }, { repeatable: false, requireLeader: true });
}

async function writeAll(): Promise<void> {
  const started = performance.now();
  const underWay: Promise<void>[] = [];
  for (let number = 0; number < transactions; number++) {
    const ahead = started + number * pause - performance.now();
    if (ahead > 1) await delay(ahead);
    underWay.push(write(number));
  }
  await Promise.all(underWay);
}

process.on('message', () => {
  void writeAll().then(() => process.send?.('done' satisfies WriterMessage));
});
process.on('disconnect', () => close());
process.send?.('ready' satisfies WriterMessage);
