import type { LogOutputChannel, TreeView, Uri } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { Consents } from '../connections/consents.ts';
import type { CredentialStore } from '../connections/credentialStore.ts';
import type { LeaseKeeper } from '../connections/leaseKeeper.ts';
import type { KeyDocuments } from '../documents/keyDocuments.ts';
import type { ImportPreview } from '../tree/importPreview.ts';
import type { KeyTree } from '../tree/keyTree.ts';
import type { SearchView } from '../tree/search/searchView.ts';
import type { PreviewDocuments } from '../documents/previewDocuments.ts';
import type { InterruptedWork } from './interruptedWork.ts';
import type { KeyClipboard } from './keyClipboard.ts';
import type { TransferRun } from './transferRun.ts';
import type { WatchView } from '../tree/watchView.ts';
import type { ChangeNotices } from './changeNotices.ts';
import type { UndoLog } from './undoLog.ts';
import type { TreeNode } from '../tree/nodes.ts';
import type { ComparisonView } from './compareCommands.ts';

/** What the commands work with. */
export interface CommandContext {
  readonly connections: Connections;
  readonly consents: Consents;
  readonly credentials: CredentialStore;
  readonly tree: KeyTree;
  readonly treeView: TreeView<TreeNode>;
  /** Shows what a command has changed, also where the tree does not follow by itself. */
  readonly showChanges: (connection: Connection) => void;
  readonly search: SearchView;
  readonly comparison: ComparisonView;
  readonly documents: KeyDocuments;
  readonly importPreview: ImportPreview;
  readonly previews: PreviewDocuments;
  readonly clipboard: KeyClipboard;
  /** What can be resumed, also after a reload. */
  readonly interrupted: InterruptedWork;
  /** Moves and copies of this window that wait to be resumed. */
  readonly stoppedTransfers: Set<TransferRun>;
  readonly watchView: WatchView;
  readonly changeNotices: ChangeNotices;
  readonly undoLog: UndoLog;
  readonly leaseKeeper: LeaseKeeper;
  /** Of this extension, on its host's machine. */
  readonly storage: Uri;
  readonly log: LogOutputChannel;
}
