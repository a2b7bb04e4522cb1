import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError, type EtcdErrorKind } from '../../src/etcd/errors.ts';

const TRIES = 3000;
const PAUSE_MILLISECONDS = 10;

/** Repeats an action while it fails in one of these ways (by default, any of etcd's), until a server is back. */
export async function eventually<T>(action: () => Promise<T>, ...kinds: readonly EtcdErrorKind[]): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (!EtcdError.is(error, ...kinds) || tries === TRIES) throw error;
      await delay(PAUSE_MILLISECONDS);
    }
  }
}

/** Waits until a condition about a server holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    if (!(await holds())) throw new EtcdError('unavailable', 'It does not hold yet.');
  }, 'unavailable');
}
