import { setTimeout as delay } from 'node:timers/promises';
import type { TreeView } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import type { EtcdLog } from './log.ts';

// See docs/contributing/decisions/writes.md

/**
 * Attempts to reveal a row. VS Code's trees refuse while they draw their rows again, which takes longer on a busy
 * machine.
 */
const TRIES = 4;
const PAUSE_MILLISECONDS = 250;

/**
 * Runs the follow-up of a finished change, such as showing it or cleaning up. A failure here is only logged, because
 * the command itself has succeeded.
 */
export async function afterwards(log: Pick<EtcdLog, 'failure'>, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.failure('after what was done', error);
  }
}

/**
 * Selects a row of a view.
 * @param find finds the row for each attempt, because a view has other rows once it is drawn again
 * @throws EtcdError of `find`; it is not a failure if VS Code cannot show the row
 */
export async function revealRow<T>(
  view: Pick<TreeView<T>, 'reveal'>,
  find: () => Promise<T | undefined>,
  options: Parameters<TreeView<T>['reveal']>[1],
  pause = PAUSE_MILLISECONDS,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await delay(pause);
    try {
      const row = await find();
      if (row !== undefined) await view.reveal(row, options);
      return;
    } catch (error) {
      if (EtcdError.is(error)) throw error;
    }
  }
}
