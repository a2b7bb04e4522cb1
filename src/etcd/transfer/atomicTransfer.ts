import type { Change } from '../keyStore.ts';
import type { Work } from './steppedTransfer.ts';
import type { Item } from './transferWriter.ts';

/** Transfers within a store that has transactions: one transaction copies each key and deletes its old name. */
export async function atomicTransfer(work: Work, items: readonly Item[]): Promise<void> {
  const { plan, writer } = work;
  await writer.write(plan.target, items, {
    stepsOf: (item): readonly Change[] => {
      const { key, modRevision } = item.kv;
      const kind = plan.move ? 'delete' : 'check';
      return [writer.putOf(item), { kind, key, expected: { modRevision } }];
    },
    onConflict: (open, conflicts) => writer.resolve(open, conflicts),
    beforeSending: work.beforeSending,
    onWritten: work.done,
  });
}
