import { l10n } from 'vscode';
import { changesText } from '../../etcd/countText.ts';
import type { Connection } from '../../connections/connection.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { KeyStore } from '../../etcd/keyStore.ts';
import type { ChildSpace, ChildSpaces } from '../../etcd/space/keySpace.ts';
import { numberText, percentText, sizeText } from '../../etcd/quantities.ts';
import { countChanges, type ChurnRow } from '../../etcd/space/churn.ts';
import type { Estimate } from '../../etcd/space/estimate.ts';
import {
  canSample,
  measureFolder,
  sampleFolder,
  type FolderSpace,
  type SpaceRow,
} from '../../etcd/space/folderSpace.ts';
import { sum } from '../../etcd/sum.ts';
import type { SpaceMessage, SpacePage, SpacePageRow } from './spaceMessages.ts';

const ROWS_SHOWN = 100;

type Task = (store: KeyStore, signal: AbortSignal) => Promise<void>;

/** The section about what takes the space of a cluster, and what changes. It reads only when the user asks for it. */
export class SpaceSection {
  readonly #connection: () => Connection;
  readonly #all: string;
  readonly #send: (page: SpacePage) => void;
  readonly #reveal: (path: Uint8Array) => void;
  #running: AbortController | undefined;
  #prefix: Uint8Array = new Uint8Array();
  #paths: readonly Uint8Array[] = [];
  #page: SpacePage = this.#pageOf(l10n.t('Nothing was measured yet.'));

  /**
   * @param connection throws EtcdError if it was removed
   * @param all names everything, such as "this cluster"
   */
  constructor(
    connection: () => Connection,
    all: string,
    send: (page: SpacePage) => void,
    reveal: (path: Uint8Array) => void,
  ) {
    this.#connection = connection;
    this.#all = all;
    this.#send = send;
    this.#reveal = reveal;
  }

  /** Sends the section again, to a page that VS Code has recreated. */
  resend(): void {
    this.#send(this.#page);
  }

  /** Whether anything was measured or counted, or is just now. */
  get hasRun(): boolean {
    return this.#running !== undefined;
  }

  stop(): void {
    this.#running?.abort();
  }

  /** Carries out a message from the page. */
  receive(message: SpaceMessage): void {
    if (message.kind === 'stop') return this.stop();
    const path = 'row' in message ? this.#paths[message.row] : undefined;
    if (message.kind === 'reveal' && path) return this.#reveal(path);
    if (message.kind === 'inside' && path) this.#prefix = path;
    void this.#run(async (store, signal) => {
      if (message.kind === 'up') this.#prefix = store.hierarchy.parentOf(this.#prefix);
      if (message.kind === 'churn') await this.#countChanges(store, message.minutes * 60, signal);
      else await this.#measure(store, message.kind === 'measure', signal);
    });
  }

  async #run(task: Task): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    try {
      this.#show(this.#pageOf(l10n.t('Reading {0} …', this.#place), { isRunning: true }));
      await task(await this.#connection().store('background'), running.signal);
    } catch (error) {
      if (running.signal.aborted) {
        if (this.#running === running) this.#show(this.#pageOf(l10n.t('Stopped.')));
        return;
      }
      if (!EtcdError.is(error)) throw error;
      this.#show(this.#pageOf(error.message, { severity: 'failed' }));
    }
  }

  async #measure(store: KeyStore, wantsExact: boolean, signal: AbortSignal): Promise<void> {
    if (store.folderSpace) return this.#showSpaces(await store.folderSpace(this.#prefix, signal));
    const sampled = canSample(store) ? store : undefined;
    const isExact = wantsExact || !sampled;
    const progress = ({ done, total }: { readonly done: number; readonly total: number }) => {
      const numbers = [done.toLocaleString(), total.toLocaleString(), this.#place] as const;
      const sentence = isExact
        ? l10n.t('{0} of {1} keys of {2} were read …', ...numbers)
        : l10n.t('{0} of {1} folders and keys of {2} were sampled …', ...numbers);
      this.#show(this.#pageOf(sentence, { isRunning: true }));
    };
    const level =
      sampled && !isExact
        ? await sampleFolder(sampled, this.#prefix, progress, signal)
        : await measureFolder(store, this.#prefix, progress, signal);
    this.#paths = level.rows.map(({ path }) => path);
    const all = sum(level.rows.map(({ bytes }) => bytes.value));
    const headings = [l10n.t('Keys'), l10n.t('Size'), l10n.t('Share'), l10n.t('Writes')];
    const rows = level.rows.map((row) => spaceRow(row, all));
    this.#show(this.#pageOf(this.#resultText(level, all, isExact), { severity: 'good', headings, rows }));
  }

  #showSpaces({ all, rows, others }: ChildSpaces): void {
    this.#paths = rows.map(({ path }) => path);
    const ofAll = l10n.t('Size of All Revisions');
    const headings = [l10n.t('Keys'), l10n.t('Size'), l10n.t('Revisions'), ofAll, l10n.t('Share')];
    const sentences = [
      l10n.t(
        'The keys and values of {0} take {1}; with all earlier versions and deletions, {2}.',
        this.#place,
        sizeText(all.bytes),
        sizeText(all.allBytes),
      ),
      ...(others > 0 ? [l10n.t('Smaller folders and keys that are not shown: {0}.', others.toLocaleString())] : []),
    ];
    const sentence = all.revisions === 0 ? this.#emptyText : sentences.join(' ');
    const pageRows = rows.map((row) => fileRow(row, all.allBytes));
    this.#show(this.#pageOf(sentence, { severity: 'good', headings, rows: pageRows }));
  }

  get #emptyText(): string {
    return l10n.t('There are no keys in {0}.', this.#place);
  }

  #resultText({ rows, others }: FolderSpace, all: number, isExact: boolean): string {
    const size = sizeText(Math.round(all));
    const result = isExact
      ? l10n.t('The keys and values of {0} take {1}.', this.#place, size)
      : l10n.t(
          'The keys and values of {0} take about {1}. Counts are exact; ± is the 95 % confidence interval.',
          this.#place,
          size,
        );
    if (rows.length === 0) return this.#emptyText;
    return others === 0
      ? result
      : l10n.t('{0} Smaller folders and keys that are not shown: {1}.', result, others.toLocaleString());
  }

  async #countChanges(store: KeyStore, length: number, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.timeout(length * 1000);
    const began = Date.now();
    let latest: readonly ChurnRow[] = [];
    const show = (isRunning: boolean) => {
      const seconds = Math.max(1, Math.min(length, (Date.now() - began) / 1000));
      this.#paths = latest.slice(0, ROWS_SHOWN).map(({ path }) => path);
      const rows = latest.slice(0, ROWS_SHOWN).map((row) => churnRow(row, latest, seconds, store));
      const count = changesText(sum(latest.map(({ changes }) => changes)));
      const sentence = isRunning
        ? l10n.t('{0} in {1} so far, in {2} of {3} s …', count, this.#place, Math.round(seconds), length)
        : l10n.t('{0} in {1}, in {2} s.', count, this.#place, Math.round(seconds));
      const headings = [l10n.t('Changes'), l10n.t('Per Minute'), l10n.t('Share')];
      this.#show(this.#pageOf(sentence, { isRunning, severity: isRunning ? 'plain' : 'good', headings, rows }));
    };
    show(true);
    const tick = setInterval(() => show(true), 1000);
    try {
      const counted = (rows: readonly ChurnRow[]) => (latest = rows);
      await countChanges(store, this.#prefix, counted, AbortSignal.any([signal, ended]));
    } catch (error) {
      // What was counted until it is stopped is worth showing.
      if (!ended.aborted && !signal.aborted) throw error;
    } finally {
      clearInterval(tick);
    }
    if (this.#running?.signal === signal) show(false);
  }

  get #place(): string {
    return this.#prefix.length === 0 ? this.#all : keyText(this.#prefix);
  }

  #pageOf(sentence: string, more: Partial<SpacePage> = {}): SpacePage {
    return {
      ...{ kind: 'space', sentence, severity: 'plain', isRunning: false, headings: [], rows: [] },
      canGoUp: this.#prefix.length > 0,
      ...more,
    };
  }

  #show(page: SpacePage): void {
    this.#page = page;
    this.#send(page);
  }
}

function spaceRow({ path, kind, keys, bytes, writes }: SpaceRow, all: number): SpacePageRow {
  const share = all === 0 ? 0 : bytes.value / all;
  return {
    name: keyText(path),
    cells: [
      keys.toLocaleString(),
      estimateText(bytes, sizeText),
      percentText(share),
      writes ? estimateText(writes, (value) => value.toLocaleString()) : '',
    ],
    share,
    isFolder: kind === 'folder',
  };
}

function fileRow({ path, kind, keys, bytes, revisions, allBytes }: ChildSpace, all: number): SpacePageRow {
  const share = all === 0 ? 0 : allBytes / all;
  return {
    name: keyText(path),
    cells: [keys.toLocaleString(), sizeText(bytes), revisions.toLocaleString(), sizeText(allBytes), percentText(share)],
    share,
    isFolder: kind === 'folder',
  };
}

function churnRow(
  { path, changes }: ChurnRow,
  rows: readonly ChurnRow[],
  seconds: number,
  { hierarchy }: KeyStore,
): SpacePageRow {
  const share = changes / sum(rows.map((row) => row.changes));
  const perMinute = (changes * 60) / seconds;
  const isFolder = hierarchy.isFolder(path);
  return {
    name: keyText(path),
    cells: [changes.toLocaleString(), numberText(perMinute), percentText(share)],
    share,
    isFolder,
  };
}

function estimateText({ value, plusMinus }: Estimate, text: (value: number) => string): string {
  const rounded = text(Math.round(value));
  return plusMinus === 0 ? rounded : l10n.t('{0} ± {1}', rounded, text(Math.round(plusMinus)));
}
