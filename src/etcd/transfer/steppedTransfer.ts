import type { Change } from '../keyStore.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import { keyAt } from '../past/keyAt.ts';
import { holds, lifetimeThere, type TransferPlan } from './transferPlan.ts';
import type { TransferReport } from './transferReport.ts';
import type { Item, TransferWriter, Written } from './transferWriter.ts';

export interface Work {
  readonly plan: TransferPlan;
  readonly writer: TransferWriter;
  readonly report: TransferReport;
  readonly beforeSending: (items: readonly Item[]) => void;
  readonly done: (written: readonly Written[]) => void;
}

/**
 * Transfers between stores, or within one without transactions. Writes the copies, reads them back, and only then
 * deletes the old keys, each only if it is still what was copied. If a key changed in between, its copy is removed.
 */
export async function steppedTransfer(work: Work, items: readonly Item[]): Promise<void> {
  const { plan, writer } = work;
  const put: Written[] = [];
  await writer.write(plan.target, items, {
    stepsOf: (item) => [writer.putOf(item)],
    onConflict: (open, conflicts) => writer.resolve(open, conflicts),
    beforeSending: work.beforeSending,
    onWritten: (part) => put.push(...part),
  });
  const confirmed = await confirm(work, put);
  if (plan.move) await deleteSources(work, confirmed);
  else await checkSources(work, confirmed);
}

/** Returns the items whose copies exist, as etcd answers when asked again. */
async function confirm({ plan, writer, report }: Work, put: readonly Written[]): Promise<Written[]> {
  const { kvs } = await plan.target.getMany(
    put.map(({ target }) => target),
    { values: true },
  );
  return put.filter(({ kv }, index) => {
    const there = kvs[index];
    const isThere = there !== undefined && holds(there, kv, writer.lifetimeOf(kv));
    // Someone else has written or deleted the copy since, so it is not ours any more.
    if (!isThere) report.leave(kv.key, 'taken');
    return isThere;
  });
}

async function deleteSources(work: Work, confirmed: readonly Written[]): Promise<void> {
  const copies = new Map(confirmed.map((copy) => [copy.kv, copy]));
  const copiesOf = (items: readonly Item[]) => items.flatMap(({ kv }) => copies.get(kv) ?? []);
  const changed: Written[] = [];
  const open = new Set(confirmed);
  await work.writer.write(work.plan.source, confirmed, {
    stepsOf: ({ kv: { key, modRevision } }): readonly Change[] => [{ kind: 'delete', key, expected: { modRevision } }],
    onConflict: (items, conflicts) => {
      const isMet = ({ kv }: Item) => conflicts.has(toBinaryKey(kv.key));
      changed.push(...copiesOf(items.filter(isMet)));
      return Promise.resolve(items.filter((item) => !isMet(item)));
    },
    onWritten: (deleted) => {
      const done = copiesOf(deleted);
      for (const copy of done) open.delete(copy);
      work.done(done);
    },
  });
  for (const copy of changed) await withdraw(work, copy);
  for (const copy of changed) open.delete(copy);
  // A key that may not be deleted is not moved.
  for (const copy of open) await takeBack(work, copy);
}

async function checkSources(work: Work, confirmed: readonly Written[]): Promise<void> {
  const { kvs } = await work.plan.source.getMany(confirmed.map(({ kv: { key } }) => key));
  const isUnchanged = ({ kv }: Written, index: number) => kvs[index]?.modRevision === kv.modRevision;
  work.done(confirmed.filter(isUnchanged));
  for (const each of confirmed.filter((copy, index) => !isUnchanged(copy, index))) await withdraw(work, each);
}

type WithdrawWork = Pick<Work, 'plan' | 'report'>;

/** Removes the copy of a key that changed or was deleted while it was copied. */
export async function withdraw(work: WithdrawWork, written: Written): Promise<void> {
  await takeBack(work, written);
  work.report.leave(written.kv.key, 'changed');
}

/** Restores the new name as it was before, unless someone else has written it since. */
async function takeBack({ plan, report }: WithdrawWork, written: Written): Promise<void> {
  const { target: key, present, expected, revision } = written;
  if (present) {
    // An earlier attempt of this transfer may have written it, or someone else.
    if (expected !== 'absent' && expected.modRevision > plan.seen.target) report.stale.add(key);
    return;
  }
  const ours = { modRevision: revision };
  if (expected === 'absent') {
    const result = await plan.target.transact([{ kind: 'delete', key, expected: ours }]);
    if (result.outcome === 'conflict') report.stale.add(key);
    return;
  }
  const previous = written.previous ?? (await keyAt(plan.target, key, expected.modRevision));
  const lifetime = previous && lifetimeThere(previous, () => true);
  const result =
    previous &&
    (await plan.target.transact([
      { kind: 'put', key, value: previous.value, expected: ours, ...(lifetime && { lifetime }) },
    ]));
  if (result?.outcome !== 'done') report.stale.add(key);
}
