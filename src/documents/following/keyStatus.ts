import { l10n, StatusBarAlignment, ThemeColor, ThemeIcon, type Event, type Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { themeColor } from '../../connections/settings/connectionColor.ts';
import type { LiveFeeds } from '../../connections/following/liveFeeds.ts';
import { liveLook } from '../../connections/following/liveLook.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyFacts } from '../../etcd/keyFacts.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { keyFacts, type Fact } from '../../ui/keyTooltip.ts';
import { factMarkdown } from '../../ui/text/markdown.ts';
import { sizeText, durationText } from '../../etcd/quantities.ts';
import { addressId, keyAddress, type KeyAddress } from '../addresses/keyUri.ts';
import type { ObjectStatus } from '../keyFile/objectDocuments.ts';
import type { KnownKeys } from './knownKeys.ts';
import { objectLines } from '../valueForms.ts';
import { window } from '../../ui/text/window.ts';

/**
 * Position right of VS Code's own items about the file: a narrow or enlarged window has no room for those on the left,
 * and this one says which cluster is edited.
 */
const PRIORITY = 100.05;
const SECOND = 1000;
/** Limit of a name, above that of Kubernetes' own kinds and API versions. */
const MAX_NAME_LENGTH = 60;
/** Pause between requests for a lease's time, in milliseconds, because its owner may keep it alive. */
const LEASE_PAUSE = 10_000;

/** Remaining time of a lease, and when it was requested, by `performance.now()`. */
interface LeaseTime {
  readonly lease: bigint;
  readonly askedAt: number;
  /** Undefined if the lease no longer exists. */
  readonly seconds: number | undefined;
}

export interface KeyStatusServices {
  readonly known: KnownKeys;
  readonly feeds: LiveFeeds;
  readonly connectionOf: (id: string) => Connection | undefined;
  /** Reads a key from etcd, in the background. */
  readonly read: (address: KeyAddress) => Promise<unknown>;
  /** Returns facts about a document's Kubernetes object. */
  readonly objectOf: (uri: Uri) => ObjectStatus | undefined;
  readonly onDidShowObject: Event<Uri>;
  /** Runs when the item is clicked. */
  readonly command: string;
}

/**
 * Shows the active editor's key in the status bar: revision, version, lease and size, how it is followed, and its
 * connection.
 */
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
    this.own(services.onDidShowObject(() => this.#show()));
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
      // The document itself shows the reason.
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
    const lock = connection.locks?.of(address.key);
    const live = liveLook(this.#services.feeds.stateOf(connection));
    const marks = [
      connection.isProduction ? l10n.t('production') : '',
      connection.isReadOnly || lock !== undefined ? l10n.t('read-only') : '',
    ].filter(Boolean);
    const shown = facts ? summary(facts, seconds) : [[l10n.t('not saved yet')]];
    const uri = window.activeTextEditor?.document.uri;
    const object = uri && this.#services.objectOf(uri);
    const where = connection.name.slice(0, MAX_NAME_LENGTH);
    const parts = [...[where, ...marks, ...(object ? objectSummary(object) : [])].map((mark) => [mark]), ...shown];
    this.#item.text = [
      new ThemeIcon(live.icon),
      ...parts.flatMap((part, index) => (index > 0 ? ['·', ...part] : part)),
    ];
    const lines: Fact[] = [
      [l10n.t('Connection'), [connection.name, ...marks].join(' · ')],
      ...(object ? statusLines(object) : []),
      ...(lock === undefined ? [] : [[l10n.t('Read-only'), lock] as const]),
      ...keyFacts(facts, seconds),
      [l10n.t('Live updates'), live.text],
    ];
    this.#item.tooltip = factMarkdown(keyText(address.key), lines);
    const spoken = lines.map(([name, value]) => `${name}: ${value}`).join(', ');
    this.#item.accessibilityInformation = { label: `${keyText(address.key)}, ${spoken}` };
    const { color } = connection.profile.settings;
    this.#item.color = color && themeColor(color);
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

/** Returns names from a value, as far as a status bar has room for them. */
function objectSummary({ apiVersion, kind, encoding }: ObjectStatus): string[] {
  return [kind, apiVersion].map((name) => name.slice(0, MAX_NAME_LENGTH)).concat(encoding);
}

function statusLines({ unknownFields, lock, ...object }: ObjectStatus): Fact[] {
  const lines = objectLines(object);
  if (lock !== undefined) lines.push([l10n.t('Read-only'), lock]);
  if (unknownFields > 0) lines.push([l10n.t('Not shown'), l10n.t('fields of a newer Kubernetes: {0}', unknownFields)]);
  return lines;
}

function summary(
  { modRevision, version, lease, ttl, size }: KeyFacts,
  seconds: number | undefined,
): (string | ThemeIcon)[][] {
  const life = seconds === undefined ? l10n.t('lease') : durationText(seconds);
  return [
    [l10n.t('rev {0}', String(modRevision))],
    ...(version === undefined ? [] : [[l10n.t('v{0}', String(version))]]),
    ...(lease || ttl !== undefined ? [[new ThemeIcon('clock'), life]] : []),
    [sizeText(size)],
  ];
}

function rest(seconds: number, since: number): number {
  return Math.max(0, Math.round(seconds - (performance.now() - since) / SECOND));
}
