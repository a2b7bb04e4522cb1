import { commands, l10n, window } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { Undone } from '../etcd/putBack.ts';
import { TransferJob, type TransferPosition } from '../etcd/transfer/transferJob.ts';
import { rangeOf, type TransferPlan } from '../etcd/transfer/transferPlan.ts';
import type { KeyList, TransferReport } from '../etcd/transfer/transferReport.ts';
import type { Written } from '../etcd/transfer/transferWriter.ts';
import { withLateProgress } from '../ui/lateProgress.ts';
import type { CommandContext } from './commandContext.ts';
import { forgetWork } from './forgetWork.ts';
import type { TransferRecord } from './interruptedWork.ts';
import { revealPath } from './targets.ts';
import { advanced, transferRecord } from './transferRecord.ts';
import { offerUndo } from './undoCommand.ts';
import { bytesOfChange, MOST_UNDO_BYTES, type UndoEntry } from './undoLog.ts';

const KEYS_NAMED = 5;
/** Up to so many keys are remembered, so that they can be put back. */
export const MOST_KEYS_TO_UNDO = 10_000;

export interface TransferTask {
  readonly source: Connection;
  readonly target: Connection;
  readonly plan: TransferPlan;
  /** The ids of the stores' clusters, where they have some. */
  readonly clusters: { readonly source: string | undefined; readonly target: string | undefined };
  /** Keys there are to look at. */
  readonly total: number;
  /** As the progress and failures name it. */
  readonly label: string;
  /** As the list of what can be undone names it. */
  readonly doneLabel: string;
  /** Of a single key under a name that the user has typed: it says nothing where all went well. */
  readonly isQuiet: boolean;
}

/** A transfer that the user has confirmed. Where it stops half-way it waits to be resumed, also by another window. */
export class TransferRun {
  readonly task: TransferTask;
  readonly #job: TransferJob;
  readonly #earlier: TransferRecord | undefined;
  #record: TransferRecord;

  /** @param interrupted the transfer as an earlier window has left it */
  constructor(task: TransferTask, interrupted?: { readonly record: TransferRecord; readonly from: TransferPosition }) {
    this.task = task;
    this.#earlier = interrupted?.record;
    this.#record = interrupted?.record ?? transferRecord(task);
    this.#job = new TransferJob(task.plan, interrupted?.from);
  }

  get id(): string {
    return this.#record.id;
  }

  async run(context: CommandContext): Promise<void> {
    const { source, target, plan } = this.task;
    const { interrupted } = context;
    context.stoppedTransfers.delete(this);
    const undo = new UndoCollector(this.task);
    await interrupted.begin(this.#record);
    try {
      const report = await this.#withProgress(context, (written) => undo.add(written));
      await forgetWork(context, this.id);
      const entry = undo.addTo(context);
      this.#say(report, entry);
      if (plan.move && report.leftCount === 0) this.#noteMoved(context);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) await forgetWork(context, this.id);
      else await interrupted.stop(this.id, this.#advance());
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      undo.addTo(context);
      context.stoppedTransfers.add(this);
      context.log.error(`${this.task.label}: ${error.kind}: ${error.message}`);
      void this.#offerResume(error.message);
      return;
    } finally {
      for (const connection of new Set([source, target])) context.showChanges(connection);
      context.documents.refresh();
    }
    const [first] = plan.roots;
    if (first) await revealPath(context, target, first.to);
  }

  /** Documents and search results follow; where keys were left, only etcd knows which. */
  #noteMoved(context: CommandContext): void {
    const { source, plan } = this.task;
    const ranges = plan.roots.map(rangeOf);
    context.documents.noteDeleted(source, ranges);
    context.search.forget(source, ranges);
  }

  #advance(): TransferRecord {
    const done = (this.#earlier?.done ?? 0) + this.#job.report.handled;
    return (this.#record = advanced(this.#record, this.#job.position, done));
  }

  #withProgress(
    { interrupted }: CommandContext,
    record: (written: readonly Written[]) => void,
  ): Promise<TransferReport> {
    const { label, total } = this.task;
    return withLateProgress(label, (signal, report) => {
      const progress = () => {
        const handled = Math.min(this.#advance().done, total);
        interrupted.advance(this.id, this.#record);
        const message = l10n.t('{0} of {1} keys', handled.toLocaleString(), total.toLocaleString());
        report(message, handled / Math.max(total, 1));
      };
      return this.#job.run({ signal, progress, record });
    });
  }

  async #offerResume(message: string): Promise<void> {
    const resume = l10n.t('Resume');
    const log = l10n.t('Show Log');
    const chosen = await window.showErrorMessage(`${this.task.label}: ${message}`, resume, log);
    if (chosen === resume) await commands.executeCommand('etcd.resumeWork', this);
    if (chosen === log) await commands.executeCommand('etcd.showLog');
  }

  #say(report: TransferReport, entry: UndoEntry | undefined): void {
    const sentences = sentencesOf(report, this.#earlier !== undefined);
    if (sentences.length > 1) void window.showWarningMessage([`${this.task.doneLabel}.`, ...sentences].join(' '));
    else if (entry && !this.task.isQuiet) void offerUndo(entry);
    else void window.setStatusBarMessage(sentences.join(' '), 5000);
  }
}

/** Gathers what it takes to undo a transfer, as long as that is not too much. */
class UndoCollector {
  readonly #task: TransferTask;
  readonly #sources: Undone[] = [];
  readonly #targets: { readonly oldName: Uint8Array; readonly change: Undone }[] = [];
  #bytes = 0;
  #keys = 0;

  constructor(task: TransferTask) {
    this.#task = task;
  }

  get #isTooMuch(): boolean {
    return this.#bytes > MOST_UNDO_BYTES || this.#keys > MOST_KEYS_TO_UNDO;
  }

  add(written: readonly Written[]): void {
    for (const each of written) {
      if (this.#isTooMuch) break;
      this.#keys++;
      const source: Undone[] = this.#task.plan.move ? [{ previous: each.kv, left: 'absent' }] : [];
      const target = undoOfTarget(each);
      this.#sources.push(...source);
      this.#targets.push(...target.map((change) => ({ oldName: each.kv.key, change })));
      for (const change of [...source, ...target]) this.#bytes += bytesOfChange(change);
    }
    if (!this.#isTooMuch) return;
    this.#sources.length = 0;
    this.#targets.length = 0;
  }

  addTo({ undoLog }: CommandContext): UndoEntry | undefined {
    const { doneLabel, plan, source, target } = this.#task;
    const changes = this.#targets.map(({ change }) => change);
    if (!plan.move) return undoLog.add(target, doneLabel, changes);
    return undoLog.add(source, doneLabel, this.#sources, { connection: target, changes: this.#targets });
  }
}

function undoOfTarget({ target, previous, present, revision }: Written): Undone[] {
  const left = { modRevision: revision };
  if (previous) return [{ previous, left }];
  return present ? [] : [{ created: target, left }];
}

function sentencesOf({ done, left, whyImpossible, stale, withoutLease }: TransferReport, isResumed: boolean): string[] {
  const about = (keys: KeyList, sentence: (names: string) => string) => (keys.count > 0 ? [sentence(named(keys))] : []);
  const count = done.toLocaleString();
  return [
    isResumed
      ? l10n.t('Keys done since it was resumed: {0}.', count)
      : done === 1
        ? l10n.t('1 key done.')
        : l10n.t('{0} keys done.', count),
    ...about(left.taken, (names) => l10n.t('Left where they were, since their new names are taken: {0}.', names)),
    ...about(left.changed, (names) => l10n.t('Left alone, since others changed them meanwhile: {0}.', names)),
    ...about(left.denied, (names) => l10n.t("Left alone, since this etcd user's roles do not permit it: {0}.", names)),
    ...about(left.impossible, (names) =>
      l10n.t('Left alone, since there is no room for them: {0}. {1}', names, whyImpossible ?? ''),
    ),
    ...about(stale, (names) =>
      l10n.t('These copies are of keys that others changed meanwhile, look at them: {0}.', names),
    ),
    ...(withoutLease > 0 ? [l10n.t('The leases of {0} keys were not kept: they live for good.', withoutLease)] : []),
  ];
}

function named({ first, count }: KeyList): string {
  const names = first.slice(0, KEYS_NAMED).map(keyText).join(', ');
  return count > KEYS_NAMED ? l10n.t('{0} and {1} more', names, (count - KEYS_NAMED).toLocaleString()) : names;
}
