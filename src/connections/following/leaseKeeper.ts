import { commands, l10n, StatusBarAlignment, ThemeIcon } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { OpenMode } from '../trust/consentQuestions.ts';
import type { Connection } from '../connection.ts';
import type { Connections } from '../connections.ts';
import { window } from '../../ui/text/window.ts';

/** Longest timer in milliseconds: Node treats longer ones as zero. */
const MAX_TIMER = 2 ** 31 - 1;

export interface KeptLease {
  readonly connection: Connection;
  readonly lease: bigint;
}

interface Kept extends KeptLease {
  timer?: NodeJS.Timeout;
  /** Time at which the lease ends unless etcd answers, in milliseconds since 1970. */
  until: number;
}

/** Keeps leases alive as long as the user wants, or until VS Code closes; the status bar shows their number. */
export class LeaseKeeper extends DisposableOwner {
  readonly #connections: Connections;
  readonly #kept = new Map<string, Kept>();
  readonly #status = this.own(window.createStatusBarItem('etcd.leases', StatusBarAlignment.Left));

  /** @param command runs when the status bar item is clicked */
  constructor(connections: Connections, command: string) {
    super();
    this.#connections = connections;
    this.own(
      connections.onDidChange((changed) => {
        if (!changed) this.#followSettings();
      }),
    );
    this.#status.name = l10n.t('etcd leases kept alive');
    this.#status.command = command;
  }

  get all(): readonly KeptLease[] {
    return [...this.#kept.values()];
  }

  keeps(connection: Connection, lease: bigint): boolean {
    return this.#kept.has(nameOf(connection, lease));
  }

  /**
   * Renews the lease now, and again whenever a third of its time is over. @throws EtcdError if it cannot be renewed now
   */
  async keep(connection: Connection, lease: bigint): Promise<void> {
    const kept: Kept = { connection, lease, until: 0 };
    const seconds = await this.#renewNow(kept, 'interactive');
    if (seconds === undefined) throw new EtcdError('notFound', l10n.t('The lease no longer exists.'));
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
    kept.timer = setTimeout(() => void this.#renew(kept), Math.min(milliseconds, MAX_TIMER));
  }

  async #renew(kept: Kept): Promise<void> {
    const { connection, lease } = kept;
    let seconds: number | undefined;
    try {
      seconds = await this.#renewNow(kept, 'background');
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
      const rest = kept.until - Date.now();
      // The connection may come back before the lease ends.
      if (this.keeps(connection, lease) && rest > 0) return this.#renewIn(kept, Math.max(rest / 3, 500));
    }
    if (!this.keeps(connection, lease)) return;
    if (seconds !== undefined) return this.#wait(kept, seconds);
    this.stop(connection, lease);
    void window.showWarningMessage(
      l10n.t('The lease {0} of {1} could not be kept alive: it has ended.', leaseText(lease), connection.name),
    );
  }

  /** Applies the present settings: a connection that was removed or became read-only stops keeping leases alive. */
  #followSettings(): void {
    for (const { connection, lease } of this.all) {
      const problem = this.#problemOf(connection);
      if (problem === undefined) continue;
      this.stop(connection, lease);
      void window.showWarningMessage(l10n.t('The lease {0} is no longer kept alive. {1}', leaseText(lease), problem));
    }
  }

  #problemOf(connection: Connection): string | undefined {
    try {
      return this.#connections.current(connection).isReadOnly
        ? l10n.t('{0} is read-only now.', connection.name)
        : undefined;
    } catch (error) {
      if (EtcdError.is(error)) return error.message;
      throw error;
    }
  }

  async #renewNow({ connection, lease }: KeptLease, mode: OpenMode): Promise<number | undefined> {
    const store = await this.#connections.current(connection).store(mode);
    return await store.leases?.keepAlive(lease);
  }

  #show(): void {
    const count = this.#kept.size;
    this.#status.text = [new ThemeIcon('heart'), String(count)];
    this.#status.tooltip = l10n.t('etcd leases kept alive: {0}', count);
    this.#status.accessibilityInformation = { label: l10n.t('etcd leases kept alive: {0}', count) };
    void commands.executeCommand('setContext', 'etcd.keepsLeases', count > 0);
    if (count > 0) this.#status.show();
    else this.#status.hide();
  }
}

function nameOf({ id }: Connection, lease: bigint): string {
  return `${id}\0${lease}`;
}
