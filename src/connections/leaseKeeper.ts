import { l10n, StatusBarAlignment, window } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { leaseText } from '../etcd/leaseText.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import type { Connection } from './connection.ts';

export interface KeptLease {
  readonly connection: Connection;
  readonly lease: bigint;
}

interface Kept extends KeptLease {
  timer?: NodeJS.Timeout;
  /** When it ends unless etcd answers before, in milliseconds since 1970. */
  until: number;
}

/** Keeps leases alive as long as the user wants, or until VS Code closes; the status bar shows how many. */
export class LeaseKeeper extends DisposableOwner {
  readonly #kept = new Map<string, Kept>();
  readonly #status = this.own(window.createStatusBarItem('etcd.leases', StatusBarAlignment.Left));

  /** @param command what a click on the status bar runs */
  constructor(command: string) {
    super();
    this.#status.name = l10n.t('etcd leases kept alive');
    this.#status.command = command;
  }

  get all(): readonly KeptLease[] {
    return [...this.#kept.values()];
  }

  keeps(connection: Connection, lease: bigint): boolean {
    return this.#kept.has(nameOf(connection, lease));
  }

  /** Renews the lease now and on, each time when a third of its time is over. @throws EtcdError when it cannot be renewed now */
  async keep(connection: Connection, lease: bigint): Promise<void> {
    const kept: Kept = { connection, lease, until: 0 };
    const seconds = await renew(kept, 'interactive');
    if (seconds === undefined) throw new EtcdError('notFound', l10n.t('The lease does not exist any more.'));
    this.stop(connection, lease);
    this.#kept.set(nameOf(connection, lease), kept);
    this.#wait(kept, seconds);
    this.#show();
  }

  stop(connection: Connection, lease: bigint): void {
    const name = nameOf(connection, lease);
    clearTimeout(this.#kept.get(name)?.timer);
    this.#kept.delete(name);
    this.#show();
  }

  override dispose(): void {
    for (const { connection, lease } of this.all) this.stop(connection, lease);
    super.dispose();
  }

  #wait(kept: Kept, seconds: number): void {
    kept.until = Date.now() + seconds * 1000;
    this.#renewIn(kept, (seconds * 1000) / 3);
  }

  #renewIn(kept: Kept, milliseconds: number): void {
    kept.timer = setTimeout(() => void this.#renew(kept), milliseconds);
  }

  async #renew(kept: Kept): Promise<void> {
    const { connection, lease } = kept;
    let seconds: number | undefined;
    try {
      seconds = await renew(kept, 'background');
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      const rest = kept.until - Date.now();
      // It may come back before the lease ends.
      if (this.keeps(connection, lease) && rest > 0) return this.#renewIn(kept, Math.max(rest / 3, 500));
    }
    if (!this.keeps(connection, lease)) return;
    if (seconds !== undefined) return this.#wait(kept, seconds);
    this.stop(connection, lease);
    void window.showWarningMessage(
      l10n.t('The lease {0} of {1} could not be kept alive: it has ended.', leaseText(lease), connection.name),
    );
  }

  #show(): void {
    const count = this.#kept.size;
    this.#status.text = `$(heart) ${count}`;
    this.#status.tooltip = l10n.t('etcd leases kept alive: {0}', count);
    this.#status.accessibilityInformation = { label: l10n.t('etcd leases kept alive: {0}', count) };
    if (count > 0) this.#status.show();
    else this.#status.hide();
  }
}

async function renew(
  { connection, lease }: KeptLease,
  mode: 'interactive' | 'background',
): Promise<number | undefined> {
  return await (await connection.store(mode)).leases?.keepAlive(lease);
}

function nameOf({ id }: Connection, lease: bigint): string {
  return `${id}\0${lease}`;
}
