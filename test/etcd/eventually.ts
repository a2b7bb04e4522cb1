import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError, type EtcdErrorKind } from '../../src/etcd/errors.ts';

const TRIES = 3000;
const PAUSE_MILLISECONDS = 10;

/** Tries again as long as it fails in one of these ways (any of etcd's without them), until a server is back. */
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

/** Waits until a question about a server is answered by yes. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    if (!(await holds())) throw new EtcdError('unavailable', 'It does not hold yet.');
  }, 'unavailable');
}
