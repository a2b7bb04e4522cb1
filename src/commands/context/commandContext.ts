import type { Memento, Uri } from 'vscode';
import type { ConnectionParts } from '../../connections/createConnections.ts';
import type { KeyDocuments } from '../../documents/keyDocuments.ts';
import type { PreviewDocuments } from '../../documents/readOnly/previewDocuments.ts';
import type { EtcdLog } from '../../ui/log.ts';
import type { Views } from '../../views/createViews.ts';
import type { Place } from '../../views/comparison/comparison.ts';
import type { InterruptedWork } from './interruptedWork.ts';
import type { KeyClipboard } from './keyClipboard.ts';
import type { UndoLog } from './undoLog.ts';

/** Everything that commands use. */
export interface CommandContext
  extends Omit<ConnectionParts, 'owned' | 'feeds'>, Omit<Views, 'owned' | 'cutMarks' | 'comparison'> {
  /** The view of comparisons, and the place kept by "Select for Compare". */
  readonly comparison: Views['comparison'] & { selected?: Place };
  readonly documents: KeyDocuments;
  readonly previews: PreviewDocuments;
  readonly clipboard: KeyClipboard;
  /** Work that can be resumed, even after a reload. */
  readonly interrupted: InterruptedWork;
  /** Moves and copies of this window that wait to be resumed. */
  readonly stoppedTransfers: Set<StoppedTransfer>;
  readonly undoLog: UndoLog;
  /** What this extension stores for all windows. */
  readonly globalState: Memento;
  /** Questions of this window whether an extension may read etcd, by its id; a no stays. */
  readonly asked: Map<string, Promise<boolean>>;
  /** Path of the script for the thread that reads snapshots and `db` files. */
  readonly snapshotScript: string;
  /** This extension's storage, on its host's machine. */
  readonly storage: Uri;
  /** Publisher and name of this extension. */
  readonly extensionId: string;
  readonly log: EtcdLog;
}

/** A move or copy that stopped. */
export interface StoppedTransfer {
  readonly id: string;
  /** Whether the transfer can continue by itself; otherwise it is restored from its record. */
  readonly canGoOn: boolean;
  run(context: CommandContext): Promise<void>;
}
