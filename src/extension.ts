import { config as configureCoreL10n } from '@vscode/l10n';
import { commands as vscodeCommands, l10n, type ExtensionContext } from 'vscode';
import type { EtcdExtension } from './commands/api/etcdApi.d.ts';
import { offerRoom } from './commands/cluster/offerRoom.ts';
import type { CommandContext } from './commands/context/commandContext.ts';
import { InterruptedWork } from './commands/context/interruptedWork.ts';
import { KeyClipboard } from './commands/context/keyClipboard.ts';
import { UndoLog } from './commands/context/undoLog.ts';
import { offerEtcdctlProfile } from './commands/etcdctlProfile.ts';
import { offerInterruptedWork } from './commands/interruptedOffers.ts';
import { offerMerges } from './commands/keys/offerMerges.ts';
import { MenuContext } from './commands/menuContext.ts';
import { showPastStatus } from './commands/past/pastStatus.ts';
import { registerCommands } from './commands/registerCommands.ts';
import { registerTools } from './commands/registerTools.ts';
import { rememberSaves } from './commands/undo/savedUndo.ts';
import { createConnections } from './connections/createConnections.ts';
import { KeyDocuments } from './documents/keyDocuments.ts';
import { ViewFileSystem } from './documents/valueViews/viewFileSystem.ts';
import { PreviewDocuments } from './documents/readOnly/previewDocuments.ts';
import { EtcdLog } from './ui/log.ts';
import { window } from './ui/text/window.ts';
import { createViews } from './views/createViews.ts';

/**
 * Creates the objects, passes each what it needs, and registers them. Contacts no server.
 * @returns the way to the API for other extensions
 */
export function activate(context: ExtensionContext): EtcdExtension {
  if (l10n.bundle) configureCoreL10n({ contents: l10n.bundle });
  const channel = window.createLogChannel('etcd');
  const log = new EtcdLog(channel);
  const { owned: ownedByConnections, feeds, ...connectionParts } = createConnections(context, log);
  const { connections } = connectionParts;
  const menuContext = new MenuContext(connections);
  const previews = new PreviewDocuments();
  const documents = new KeyDocuments(connections, context.workspaceState, feeds);
  const { owned: ownedByViews, cutMarks, ...views } = createViews(context, connections, feeds);
  const commandContext: CommandContext = {
    ...connectionParts,
    ...views,
    documents,
    previews,
    clipboard: new KeyClipboard(cutMarks),
    interrupted: new InterruptedWork(context.workspaceState),
    stoppedTransfers: new Set(),
    undoLog: new UndoLog(),
    globalState: context.globalState,
    asked: new Map(),
    snapshotScript: context.asAbsolutePath('dist/snapshotWorker.cjs'),
    storage: context.globalStorageUri,
    extensionId: context.extension.id,
    log,
  };
  documents.renameBy(async (from, to) => {
    const { renameFile } = await import('./commands/commandHandlers.ts');
    await renameFile(commandContext, from, to);
  });
  const valueViews = new ViewFileSystem(async () => {
    const { ViewFiles } = await import('./commands/commandHandlers.ts');
    return new ViewFiles(documents.views);
  });
  context.subscriptions.push(
    valueViews,
    channel,
    ...ownedByConnections,
    documents,
    previews,
    menuContext,
    ...ownedByViews,
    ...showPastStatus(connections),
    ...registerCommands(commandContext, context.extension),
    ...registerTools(commandContext, context.extension),
    documents.onDidWrite(({ connectionId, created }) => {
      if (created) views.showChanges(connections.get(connectionId));
    }),
    window.registerUriHandler({ handleUri: (uri) => void vscodeCommands.executeCommand('etcd.openLink', uri) }),
    offerEtcdctlProfile(commandContext),
    offerRoom(commandContext),
    offerMerges(commandContext),
    rememberSaves(commandContext),
    offerInterruptedWork(commandContext),
  );
  return {
    getApi: async (version, extensionId) => {
      const { getApi } = await import('./commands/commandHandlers.ts');
      return await getApi(commandContext, version, extensionId);
    },
  };
}
