import { randomUUID } from 'node:crypto';
import { l10n } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { liveOf } from '../connections/pastConnection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { copyName } from '../etcd/keyspace/newNames.ts';
import type { KeyStore } from '../etcd/keyStore.ts';
import type { TransferPosition } from '../etcd/transfer/transferJob.ts';
import type { CommandContext } from './commandContext.ts';
import type { TransferRecord } from './interruptedWork.ts';
import { writableStore } from './targets.ts';
import type { TransferTask } from './transferRun.ts';

/** What is remembered of a transfer when it begins; the clusters are those of its stores. */
export function transferRecord(
  { source, target, plan, total, label, doneLabel, clusters }: TransferTask,
  id: string = randomUUID(),
): TransferRecord {
  return {
    kind: 'transfer',
    id,
    label,
    doneLabel,
    time: Date.now(),
    total,
    done: 0,
    source: { id: source.id, seen: String(plan.seen.source), cluster: clusters.source },
    target: { id: target.id, seen: String(plan.seen.target), cluster: clusters.target },
    roots: plan.roots.map(({ kind, from, to }) => ({ kind, from: toBase64(from), to: toBase64(to) })),
    move: plan.move,
    taken: plan.taken,
    oneCluster: plan.oneCluster,
    position: { root: 0 },
  };
}

/** A record of how far its transfer has come by now. */
export function advanced(record: TransferRecord, { root, next }: TransferPosition, done: number): TransferRecord {
  return { ...record, done, position: { root, ...(next && { next: toBase64(next) }) } };
}

/** Makes a transfer of an earlier window ready to go on. @throws EtcdError where its connections are not what they were */
export async function restoredTransfer(
  { connections }: CommandContext,
  record: TransferRecord,
): Promise<{ readonly task: TransferTask; readonly from: TransferPosition }> {
  const { move, taken, oneCluster, total, label, doneLabel, position } = record;
  const source = requireConnection(connections.get(record.source.id), label);
  const target = requireConnection(connections.get(record.target.id), label);
  const targetStore = await writableStore(target);
  const sourceStore =
    source === target ? targetStore : move ? await writableStore(source) : await source.store('interactive');
  await requireCluster(source, sourceStore, record.source.cluster);
  if (source !== target) await requireCluster(target, targetStore, record.target.cluster);
  const plan = {
    source: sourceStore,
    target: targetStore,
    roots: record.roots.map(({ kind, from, to }) => ({ kind, from: fromBase64(from), to: fromBase64(to) })),
    move,
    taken,
    seen: { source: BigInt(record.source.seen), target: BigInt(record.target.seen) },
    oneCluster,
    alternative: (key: Uint8Array, attempt: number) => copyName(key, targetStore.hierarchy, attempt),
  };
  const clusters = { source: record.source.cluster, target: record.target.cluster };
  return {
    task: { source, target, plan, clusters, total, label, doneLabel, isQuiet: false },
    from: { root: position.root, ...(position.next !== undefined && { next: fromBase64(position.next) }) },
  };
}

/** @throws EtcdError */
export function requireConnection(connection: Connection | undefined, label: string): Connection {
  if (connection) return connection;
  throw new EtcdError('configuration', l10n.t('A connection of "{0}" is not there any more.', label));
}

/** Revisions that were seen mean nothing in another cluster. @throws EtcdError */
export async function requireCluster(
  connection: Connection,
  store: KeyStore,
  before: string | undefined,
): Promise<void> {
  if ((await store.clusterId?.()) === before) return;
  const message = l10n.t('{0} is another cluster now than when this began. Nothing was done.', liveOf(connection).name);
  throw new EtcdError('configuration', message);
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
