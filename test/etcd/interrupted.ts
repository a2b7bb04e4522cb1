import type { Change, KeyStore, TransactionResult } from '../../src/etcd/keyStore.ts';

export interface Interruptions {
  /** Called before a transaction is sent. */
  readonly before?: (changes: readonly Change[]) => Promise<void> | void;
  /** Called after a transaction was answered, before its caller gets the answer. */
  readonly after?: (changes: readonly Change[], result: TransactionResult) => Promise<void> | void;
}

/** Wraps a store, so that something can happen between its transactions. */
export function interrupted(store: KeyStore, { before, after }: Interruptions): KeyStore {
  const transact: KeyStore['transact'] = async (changes) => {
    await before?.(changes);
    const result = await store.transact(changes);
    await after?.(changes, result);
    return result;
  };
  return replaced(store, { transact });
}

/** Wraps a store, with some of its methods replaced. */
export function replaced(store: KeyStore, methods: Partial<KeyStore>): KeyStore {
  return new Proxy(store, {
    get(_, name) {
      if (Reflect.has(methods, name)) return Reflect.get(methods, name) as unknown;
      const value: unknown = Reflect.get(store, name, store);
      return typeof value === 'function' ? (value.bind(store) as unknown) : value;
    },
  });
}

/** Wraps an action that runs only the first time. */
export function once<A extends readonly unknown[]>(action: (...given: A) => Promise<void>) {
  let isDone = false;
  return async (...given: A): Promise<void> => {
    if (isDone) return;
    isDone = true;
    await action(...given);
  };
}
