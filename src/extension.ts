import { config as configureCoreL10n } from '@vscode/l10n';
import type { CommandContext } from './commands/commandContext.ts';
import { commands as vscodeCommands, l10n, window, workspace, type ExtensionContext } from 'vscode';
import { ChangeNotices } from './commands/changeNotices.ts';
import { InterruptedWork } from './commands/interruptedWork.ts';
import { KeyClipboard } from './commands/keyClipboard.ts';
import { keepMenuContext } from './commands/menuContext.ts';
import { showPastStatus } from './commands/pastStatus.ts';
import { offerMerges } from './commands/offerMerges.ts';
import { registerCommands } from './commands/registerCommands.ts';
import { offerInterruptedWork } from './commands/interruptedOffers.ts';
import { rememberSaves } from './commands/savedUndo.ts';
import { UndoLog } from './commands/undoLog.ts';
import type { Connection } from './connections/connection.ts';
import { Connections } from './connections/connections.ts';
import { Consents } from './connections/consents.ts';
import { CredentialStore } from './connections/credentialStore.ts';
import { LeaseKeeper } from './connections/leaseKeeper.ts';
import { requestLogger } from './connections/requestLogger.ts';
import { offerTrust } from './connections/trustPrompt.ts';
import { ExpiryWarnings } from './connections/expiryWarnings.ts';
import { LiveFeeds } from './connections/live/liveFeeds.ts';
import { KeyDocuments } from './documents/keyDocuments.ts';
import { ImportPreview } from './tree/importPreview.ts';
import { PreviewDocuments } from './documents/previewDocuments.ts';
import { CutMarks } from './tree/cutMarks.ts';
import { KeyDragAndDrop } from './tree/keyDragAndDrop.ts';
import { ComparisonTree } from './tree/comparisonTree.ts';
import { KeyTree } from './tree/keyTree.ts';
import { LiveStatus } from './tree/live/liveStatus.ts';
import { LiveTree } from './tree/live/liveTree.ts';
import { SearchView } from './tree/search/searchView.ts';
import { WatchView } from './tree/watchView.ts';
import { showFailure } from './ui/notices.ts';

/** Builds the objects, hands each what it needs, and registers them. Contacts nothing. */
export function activate(context: ExtensionContext): void {
  if (l10n.bundle) configureCoreL10n({ contents: l10n.bundle });
  const log = window.createOutputChannel('etcd', { log: true });
  const workspaceId = (workspace.workspaceFile ?? workspace.workspaceFolders?.[0]?.uri)?.toString() ?? '';
  const credentials = new CredentialStore(context.secrets, context.globalState, workspaceId);
  const consents = new Consents(context.workspaceState, context.globalState);
  const connections = new Connections({
    credentials,
    consents,
    offerTrust: (profile, error) =>
      void offerTrust(profile, error).catch((failure: unknown) => void showFailure(failure)),
    logRequest: requestLogger(log),
  });
  const menuContext = keepMenuContext(connections);
  const expiryWarnings = new ExpiryWarnings(connections, context.globalState);
  const previews = new PreviewDocuments();
  const feeds = new LiveFeeds(connections);
  const documents = new KeyDocuments(connections, context.workspaceState, feeds);
  const leaseKeeper = new LeaseKeeper('etcd.showKeptLeases');
  const tree = new KeyTree(connections);
  const treeView = window.createTreeView('etcd.keys', {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: new KeyDragAndDrop((nodes, onto) => vscodeCommands.executeCommand('etcd.drop', nodes, onto)),
  });
  const liveTree = new LiveTree(tree, treeView, feeds);
  const liveStatus = new LiveStatus(connections, feeds, treeView, 'etcd.toggleLive');
  const cutMarks = new CutMarks();
  const importPreview = new ImportPreview();
  const search = new SearchView(tree, connections);
  const comparisonTree = new ComparisonTree();
  const comparisonView = window.createTreeView('etcd.comparison', {
    treeDataProvider: comparisonTree,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const watchView = new WatchView(connections);
  const changeNotices = new ChangeNotices(watchView);
  // A live tree shows by itself what has changed; to draw all of it anew would only disturb who works in it.
  const showChanges = (connection?: Connection) => {
    if (!connection || feeds.stateOf(connection) !== 'live') tree.refresh(connection);
  };
  const commandContext: CommandContext = {
    connections,
    consents,
    credentials,
    tree,
    treeView,
    showChanges,
    search,
    comparison: { tree: comparisonTree, view: comparisonView },
    documents,
    leaseKeeper,
    importPreview,
    previews,
    clipboard: new KeyClipboard(cutMarks),
    interrupted: new InterruptedWork(context.workspaceState),
    stoppedTransfers: new Set(),
    watchView,
    changeNotices,
    undoLog: new UndoLog(),
    storage: context.globalStorageUri,
    log,
  };
  const commands = registerCommands(commandContext, context.extension);
  const mergeOffers = offerMerges(commandContext);
  const savedUndo = rememberSaves(commandContext);
  const interruptedOffers = offerInterruptedWork(commandContext);
  const followWrites = documents.onDidWrite(({ connectionId, created }) => {
    if (created) showChanges(connections.get(connectionId));
  });
  context.subscriptions.push(
    menuContext,
    ...showPastStatus(connections),
    expiryWarnings,
    followWrites,
    mergeOffers,
    savedUndo,
    interruptedOffers,
    log,
    connections,
    feeds,
    documents,
    previews,
    cutMarks,
    leaseKeeper,
    importPreview,
    tree,
    treeView,
    treeView.onDidCollapseElement(({ element }) => tree.stopListing(element)),
    search,
    comparisonTree,
    comparisonView,
    liveTree,
    liveStatus,
    changeNotices,
    watchView,
    ...commands,
  );
}
