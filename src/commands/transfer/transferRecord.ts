import { randomUUID } from 'node:crypto';
import { copyName } from '../../etcd/keys/newNames.ts';
import type { TransferPosition } from '../../etcd/transfer/transferJob.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { TransferRecord } from '../context/interruptedWork.ts';
import { askToGoOn, fromBase64, requireCluster, requireConnection, toBase64 } from '../context/resuming.ts';
import { writableStore } from '../context/targets.ts';
import type { TransferTask } from './transferTask.ts';

/** Creates the record of a transfer that begins; the clusters are those of its stores. */
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

/** Returns a record with the transfer's present progress. */
export function advanced(record: TransferRecord, { root, next }: TransferPosition, done: number): TransferRecord {
  return { ...record, done, position: { root, ...(next && { next: toBase64(next) }) } };
}

/** Prepares a transfer of an earlier window. @throws EtcdError if its connections have changed */
export async function restoredTransfer(
  { connections }: CommandContext,
  record: TransferRecord,
): Promise<{ readonly task: TransferTask; readonly from: TransferPosition }> {
  const { move, taken, oneCluster, total, label, doneLabel, position } = record;
  const source = requireConnection(connections.get(record.source.id), label);
  const target = requireConnection(connections.get(record.target.id), label);
  await writableStore(target);
  if (move) await writableStore(source);
  const yes = await askToGoOn(label, move ? [source, target] : [target]);
  const targetStore = await target.writingStore(yes);
  const sourceStore =
    source === target ? targetStore : move ? await source.writingStore(yes) : await source.store('interactive');
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
