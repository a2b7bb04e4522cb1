import { commands, l10n } from 'vscode';
import { keysText } from '../../etcd/countText.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { owned, ownedKeyValue } from '../../etcd/keys/owned.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { bytesOfUndone, type Undone } from '../../etcd/writes/undone.ts';
import { TransferJob, type TransferPosition } from '../../etcd/transfer/transferJob.ts';
import { rangeOf } from '../../etcd/transfer/transferPlan.ts';
import type { CountedKeys, TransferReport } from '../../etcd/transfer/transferReport.ts';
import type { Written } from '../../etcd/transfer/transferWriter.ts';
import { withLateProgress } from '../../ui/lateProgress.ts';
import { afterwards } from '../../ui/showing.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { forgetWork } from '../context/forgetWork.ts';
import type { TransferRecord } from '../context/interruptedWork.ts';
import { revealPath } from '../context/targets.ts';
import { advanced, transferRecord } from './transferRecord.ts';
import type { TransferTask } from './transferTask.ts';
import { offerUndo } from '../undo/undoCommand.ts';
import { MAX_UNDO_BYTES, type UndoEntry } from '../context/undoLog.ts';
import { window } from '../../ui/text/window.ts';

const KEYS_NAMED = 5;
/** Limit of the keys that are remembered for Undo. */
export const MAX_KEYS_TO_UNDO = 10_000;

/** A transfer that the user has confirmed. If it stops half-way, it can be resumed, even by another window. */
export class TransferRun {
  readonly task: TransferTask;
  readonly #job: TransferJob;
  readonly #earlier: TransferRecord | undefined;
  #record: TransferRecord;

  /** @param interrupted the state in which an earlier window left the transfer */
  constructor(task: TransferTask, interrupted?: { readonly record: TransferRecord; readonly from: TransferPosition }) {
    this.task = task;
    this.#earlier = interrupted?.record;
    this.#record = interrupted?.record ?? transferRecord(task);
    this.#job = new TransferJob(task.plan, interrupted?.from);
  }

  get id(): string {
    return this.#record.id;
  }

  /**
   * Whether the transfer can continue by itself, because its connections are unchanged and open; otherwise it is
   * restored from its record.
   */
  get canGoOn(): boolean {
    const { source, target, plan } = this.task;
    return source.hasOpen(plan.source) && target.hasOpen(plan.target);
  }

  async run(context: CommandContext): Promise<void> {
    const { source, target, plan } = this.task;
    const { interrupted } = context;
    context.stoppedTransfers.delete(this);
    const undo = new UndoCollector(this.task);
    await interrupted.begin(this.#record);
    try {
      const report = await this.#withProgress(context, (written) => undo.add(written));
      await afterwards(context.log, () => forgetWork(context, this.id));
      const entry = undo.addTo(context);
      this.#say(context, report, entry);
      if (plan.move && report.leftCount === 0) this.#noteMoved(context);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) await forgetWork(context, this.id);
      else await interrupted.stop(this.id, this.#advance());
      if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
      undo.addTo(context);
      context.stoppedTransfers.add(this);
      context.log.failure(plan.move ? 'a move' : 'a copy', error);
      void this.#offerResume(error.message);
      return;
    } finally {
      for (const connection of new Set([source, target])) context.showChanges(connection);
      context.documents.refresh();
    }
    const [first] = plan.roots;
    if (first) await afterwards(context.log, () => revealPath(context, target, first.to));
  }

  /** Updates documents and search results. If some keys were not moved, only etcd knows which. */
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
        const message = l10n.t('{0} of {1}', handled.toLocaleString(), keysText(total));
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

  #say({ log }: CommandContext, report: TransferReport, entry: UndoEntry | undefined): void {
    const sentences = sentencesOf(report, this.#earlier !== undefined);
    const message = [`${this.task.doneLabel}.`, ...sentences].join(' ');
    log.done(this.task.plan.move ? 'moved' : 'copied', report.done, report.leftCount);
    if (sentences.length > 1) void window.showWarningMessage(message);
    else if (entry && !this.task.isQuiet) void offerUndo(entry);
    else void window.setStatusBarMessage(sentences.join(' '), 5000);
  }
}

/** Gathers what is needed to undo a transfer, unless it is too much. */
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
    return this.#bytes > MAX_UNDO_BYTES || this.#keys > MAX_KEYS_TO_UNDO;
  }

  add(written: readonly Written[]): void {
    for (const each of written) {
      if (this.#isTooMuch) break;
      this.#keys++;
      const oldName = owned(each.kv.key);
      const previous = this.#task.plan.move ? ownedKeyValue(each.kv, oldName) : undefined;
      const source: Undone[] = previous ? [{ previous, left: 'absent' }] : [];
      const target = undoOfTarget(each);
      this.#sources.push(...source);
      this.#targets.push(...target.map((change) => ({ oldName, change })));
      for (const change of [...source, ...target]) this.#bytes += bytesOfUndone(change);
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
  return present ? [] : [{ created: owned(target), left }];
}

function sentencesOf({ done, left, whyImpossible, stale, withoutLease }: TransferReport, isResumed: boolean): string[] {
  const about = (keys: CountedKeys, sentence: (names: string) => string) =>
    keys.count > 0 ? [sentence(named(keys))] : [];
  const count = done.toLocaleString();
  return [
    isResumed ? l10n.t('Keys done since the work was resumed: {0}.', count) : l10n.t('{0} done.', keysText(done)),
    ...about(left.taken, (names) => l10n.t('Not moved, because keys with the new names exist: {0}.', names)),
    ...about(left.changed, (names) => l10n.t('Skipped because others changed them: {0}.', names)),
    ...about(left.denied, (names) => l10n.t("Skipped because this etcd user's roles do not permit it: {0}.", names)),
    ...about(left.impossible, (names) =>
      l10n.t('Skipped because they cannot be stored there: {0}. {1}', names, whyImpossible ?? ''),
    ),
    ...about(stale, (names) =>
      l10n.t('Others changed these keys while they were copied, so check the copies: {0}.', names),
    ),
    ...(withoutLease > 0 ? [l10n.t('{0} lost the lease and no longer expire.', keysText(withoutLease))] : []),
  ];
}

function named({ first, count }: CountedKeys): string {
  const names = first.slice(0, KEYS_NAMED).map(keyText).join(', ');
  return count > KEYS_NAMED ? l10n.t('{0} and {1} more', names, (count - KEYS_NAMED).toLocaleString()) : names;
}
