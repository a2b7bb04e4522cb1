import { l10n, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { LiveFeeds } from '../connections/live/liveFeeds.ts';
import { liveLook } from '../connections/live/liveLook.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { KeyFacts } from '../etcd/keyFacts.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { DisposableOwner } from '../ui/disposable.ts';
import { factTable, keyFacts, type Fact } from '../ui/keyTooltip.ts';
import { bytesText, durationText } from '../ui/quantities.ts';
import { addressId, keyAddress, type KeyAddress } from './keyUri.ts';
import type { KnownKeys } from './knownKeys.ts';

/** Left of what VS Code says about the file itself. */
const PRIORITY = 1000;
const SECOND = 1000;
/** A lease may be kept alive by its owner: so often its time is asked for, in milliseconds. */
const LEASE_PAUSE = 10_000;

/** What is left of a lease, and when that was asked for, by `performance.now()`. */
interface LeaseTime {
  readonly lease: bigint;
  readonly askedAt: number;
  /** Undefined where the lease does not exist any more. */
  readonly seconds: number | undefined;
}

export interface KeyStatusServices {
  readonly known: KnownKeys;
  readonly feeds: LiveFeeds;
  readonly connectionOf: (id: string) => Connection | undefined;
  /** Asks etcd for a key, in the background. */
  readonly read: (address: KeyAddress) => Promise<unknown>;
  /** Runs when the item is clicked. */
  readonly command: string;
}

/** The key of the active editor in the status bar: revision, version, lease and size, how it is followed, and where it is. */
export class KeyStatus extends DisposableOwner {
  readonly #services: KeyStatusServices;
  readonly #item = this.own(window.createStatusBarItem('etcd.key', StatusBarAlignment.Right, PRIORITY));
  #leaseTime: LeaseTime | undefined;
  #isAsking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: KeyStatusServices) {
    super();
    this.#services = services;
    this.#item.name = l10n.t('etcd key');
    this.#item.command = services.command;
    this.own(window.onDidChangeActiveTextEditor(() => void this.#start()));
    this.own(window.onDidChangeWindowState(() => this.#show()));
    this.own(
      services.known.onDidChange((address) => {
        if (this.#isActive(address)) this.#show();
      }),
    );
    this.own(
      services.feeds.onDidChangeState((connection) => {
        if (activeAddress()?.connectionId === connection.id) this.#show();
      }),
    );
    void this.#start();
  }

  override dispose(): void {
    clearTimeout(this.#timer);
    super.dispose();
  }

  async #start(): Promise<void> {
    const address = activeAddress();
    this.#show();
    if (!address || this.#services.known.get(address)) return;
    try {
      await this.#services.read(address);
    } catch (error) {
      // The document itself says why.
      if (!EtcdError.is(error)) throw error;
    }
  }

  #isActive(address: KeyAddress): boolean {
    const active = activeAddress();
    return active !== undefined && addressId(active) === addressId(address);
  }

  #show(): void {
    clearTimeout(this.#timer);
    const address = activeAddress();
    const connection = address && this.#services.connectionOf(address.connectionId);
    const known = address && this.#services.known.get(address);
    if (!address || !connection || !known) return this.#item.hide();
    const { facts } = known;
    const seconds = facts && this.#secondsToLive(facts, known.seenAt);
    const live = liveLook(this.#services.feeds.stateOf(connection));
    const marks = [
      connection.isProduction ? l10n.t('production') : '',
      connection.isReadOnly ? l10n.t('read-only') : '',
    ].filter(Boolean);
    const shown = facts ? summary(facts, seconds) : [l10n.t('not in etcd')];
    this.#item.text = `$(${live.icon}) ${[...marks, ...shown].join(' · ')}`;
    const lines: Fact[] = [
      [l10n.t('Connection'), [connection.name, ...marks].join(' · ')],
      ...keyFacts(facts, seconds),
      [l10n.t('Follows etcd'), live.text],
    ];
    this.#item.tooltip = factTable(keyText(address.key), lines);
    const spoken = lines.map(([name, value]) => `${name}: ${value}`).join(', ');
    this.#item.accessibilityInformation = { label: `${keyText(address.key)}, ${spoken}` };
    this.#item.backgroundColor = connection.isProduction
      ? new ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.#item.show();
    if (!facts || !window.state.focused) return;
    if (facts.lease) void this.#askForLease(connection, facts.lease);
    if (seconds !== undefined && seconds > 0) this.#timer = setTimeout(() => this.#show(), SECOND);
  }

  #secondsToLive({ lease, ttl }: KeyFacts, seenAt: number): number | undefined {
    if (ttl !== undefined) return rest(ttl, seenAt);
    const asked = this.#leaseTime;
    if (!lease || asked?.lease !== lease || asked.seconds === undefined) return undefined;
    return rest(asked.seconds, asked.askedAt);
  }

  async #askForLease(connection: Connection, lease: bigint): Promise<void> {
    const asked = this.#leaseTime;
    if (this.#isAsking || (asked?.lease === lease && performance.now() - asked.askedAt < LEASE_PAUSE)) return;
    this.#isAsking = true;
    let seconds: number | undefined;
    try {
      seconds = await (await connection.store('background')).leases?.timeToLive(lease);
    } catch (error) {
      if (!EtcdError.is(error)) throw error;
    } finally {
      this.#isAsking = false;
    }
    this.#leaseTime = { lease, askedAt: performance.now(), seconds };
    this.#show();
  }
}

function activeAddress(): KeyAddress | undefined {
  const uri = window.activeTextEditor?.document.uri;
  return uri && keyAddress(uri);
}

function summary({ modRevision, version, lease, ttl, size }: KeyFacts, seconds: number | undefined): string[] {
  const life = seconds === undefined ? l10n.t('lease') : durationText(seconds);
  return [
    l10n.t('rev {0}', String(modRevision)),
    ...(version === undefined ? [] : [l10n.t('v{0}', String(version))]),
    ...(lease || ttl !== undefined ? [`$(clock) ${life}`] : []),
    bytesText(size),
  ];
}

function rest(seconds: number, since: number): number {
  return Math.max(0, Math.round(seconds - (performance.now() - since) / SECOND));
}
