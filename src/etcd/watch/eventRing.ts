import type { KeyEvent, KeyValue } from '../keyStore.ts';

/** What happened to a key or, in v2, to a directory. `gap`: earlier events are unknown. */
export type RecordedKind = 'created' | 'changed' | 'deleted' | 'folderCreated' | 'folderDeleted' | 'gap';

export interface RecordedEvent {
  /** Consecutive number, from 1. */
  readonly number: number;
  readonly kind: RecordedKind;
  /** Time of arrival in milliseconds since 1970. */
  readonly time: number;
  readonly key: Uint8Array;
  readonly revision: bigint;
  /** Size of the new value in bytes. */
  readonly size?: number;
  /** Dropped once there is no room for values. */
  value?: Uint8Array | undefined;
  previous?: KeyValue | undefined;
  /** True once the values were dropped to make room. */
  valuesDropped?: true;
}

export interface RingLimits {
  readonly events: number;
  /** Bytes of all values together. */
  readonly bytes: number;
}

/** Bytes of all keys together. */
const MAX_KEY_BYTES = 32 * 1024 * 1024;

/** The latest events, up to a number of them, and the values of the latest of these, up to a number of bytes. */
export class EventRing {
  readonly #limits: RingLimits;
  #events: RecordedEvent[] = [];
  /** Index of the first kept event; the array is compacted lazily. */
  #first = 0;
  /** Index of the first event whose values are kept. */
  #firstValues = 0;
  #bytes = 0;
  #keyBytes = 0;
  #numbered = 0;
  #cleared = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Events recorded since `clear`, including dropped ones. */
  get total(): number {
    return this.#numbered - this.#cleared;
  }

  /** Number of the latest event. */
  get latestNumber(): number {
    return this.#numbered;
  }

  get kept(): number {
    return this.#events.length - this.#first;
  }

  /** @param time milliseconds since 1970 */
  push(events: readonly KeyEvent[], time: number): void {
    for (const event of events) this.#add({ ...recorded(event), time, number: ++this.#numbered });
  }

  /** Records that earlier events are missing, up to this revision. */
  pushGap(revision: bigint, time: number): void {
    this.#add({ kind: 'gap', key: new Uint8Array(), revision, time, number: ++this.#numbered });
  }

  /** Yields the events, newest first. */
  *newest(): Generator<RecordedEvent> {
    for (let at = this.#events.length - 1; at >= this.#first; at--) {
      const event = this.#events[at];
      if (event) yield event;
    }
  }

  /** Returns the events, oldest first. */
  oldest(): readonly RecordedEvent[] {
    return this.#events.slice(this.#first);
  }

  find(number: number): RecordedEvent | undefined {
    const newest = this.#events.at(-1);
    const found = newest && this.#events[this.#events.length - 1 - (newest.number - number)];
    return found && found.number >= (this.#events[this.#first]?.number ?? 0) ? found : undefined;
  }

  clear(): void {
    this.#events = [];
    this.#first = 0;
    this.#firstValues = 0;
    this.#bytes = 0;
    this.#keyBytes = 0;
    this.#cleared = this.#numbered;
  }

  #add(event: RecordedEvent): void {
    this.#events.push(event);
    this.#bytes += bytesOf(event);
    this.#keyBytes += event.key.length;
    while (this.#bytes > this.#limits.bytes) this.#dropValues();
    while (this.kept > this.#limits.events || this.#keyBytes > MAX_KEY_BYTES) this.#dropEvent();
    if (this.#first < this.#limits.events) return;
    this.#events = this.#events.slice(this.#first);
    this.#firstValues -= this.#first;
    this.#first = 0;
  }

  #dropEvent(): void {
    if (this.#firstValues <= this.#first) this.#dropValues();
    const event = this.#events[this.#first++];
    this.#keyBytes -= event?.key.length ?? 0;
  }

  #dropValues(): void {
    const event = this.#events[this.#firstValues++];
    if (!event) return;
    this.#bytes -= bytesOf(event);
    if (event.value === undefined && event.previous === undefined) return;
    event.value = undefined;
    event.previous = undefined;
    event.valuesDropped = true;
  }
}

function recorded(event: KeyEvent): Omit<RecordedEvent, 'number' | 'time'> {
  if (event.kind === 'folder')
    return {
      kind: event.deleted ? 'folderDeleted' : 'folderCreated',
      key: event.prefix,
      revision: event.modRevision,
    };
  const { previous } = event;
  if (event.kind === 'delete') return { kind: 'deleted', key: event.key, revision: event.modRevision, previous };
  const { key, modRevision: revision, createRevision, value } = event.kv;
  const kind = createRevision === revision && !previous ? 'created' : 'changed';
  return { kind, key, revision, size: value.length, value, previous };
}

function bytesOf({ value, previous }: RecordedEvent): number {
  return (value?.length ?? 0) + (previous?.value.length ?? 0);
}
