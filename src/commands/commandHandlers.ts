import type { CommandContext } from './context/commandContext.ts';
import { addConnection, editConnection, removeConnection } from './connections/connectionCommands.ts';
import { forgetCredentials, setCredentials } from './connections/credentialCommands.ts';
import {
  closeComparison,
  compareAgain,
  compareWithRevision,
  compareWithSelected,
  openDifference,
  restoreDifference,
  selectForCompare,
  stopComparing,
} from './past/compareCommands.ts';
import { applyToLeft, applyToRight } from './past/applyCommands.ts';
import { showAllowedExtensions } from './api/extensionCommands.ts';
import { copyConnectionAs } from './keys/copyAsCommands.ts';
import { showHistory } from './past/historyCommand.ts';
import { browseOldest, browsePast, returnToNow } from './past/pastCommands.ts';
import { copy, cut, drop, paste } from './transfer/clipboardCommands.ts';
import { copyTo, duplicate, moveTo, rename } from './transfer/transferCommands.ts';
import { openTerminal } from './terminal/terminalCommand.ts';
import { resumeWork } from './resumeCommand.ts';
import { undo } from './undo/undoCommand.ts';
import { deleteKeys } from './keys/deleteCommand.ts';
import { showDeletedKeys } from './past/deletedKeysCommand.ts';
import { cancelConnecting } from './connections/cancelConnecting.ts';
import { disconnect } from './connections/disconnectCommand.ts';
import { browseAsUser } from './accounts/browseAsCommand.ts';
import { addPermission, addRole, deleteRole, revokePermission, showAccess } from './accounts/roleCommands.ts';
import {
  addUser,
  changePassword,
  deleteUser,
  disableAuthentication,
  enableAuthentication,
  grantRole,
  revokeRole,
} from './accounts/userCommands.ts';
import { checkCluster } from './cluster/checkCommand.ts';
import { makeRoom } from './cluster/makeRoomCommand.ts';
import { addMember, moveLeader, promoteMember, removeMember, updateMember } from './cluster/memberCommands.ts';
import { explainRestore, saveSnapshot } from './cluster/snapshotCommand.ts';
import { compact, defragment } from './cluster/spaceCommands.ts';
import { chooseCluster, refreshCluster, showCluster, showOverview, showSpace } from './cluster/clusterViewCommands.ts';
import { connectLocal, startLocal } from './connections/localCommands.ts';
import { getStarted } from './views/getStarted.ts';
import { diagnoseConnection } from './connections/diagnoseCommand.ts';
import { applyImport, compareImportedKey, discardImport, moreImported } from './keyFiles/applyImportCommand.ts';
import { exportToFile } from './keyFiles/exportCommand.ts';
import { addConnectionFromClipboard } from './connections/pasteConnection.ts';
import { importKeys } from './keyFiles/importKeysCommand.ts';
import { checkAgainstCluster } from './snapshotFile/checkClusterCommand.ts';
import { closeFile, openSnapshot } from './snapshotFile/openSnapshotCommand.ts';
import { clearFilter, filterFolder } from './views/filterCommands.ts';
import { newFolder } from './keys/folderCommands.ts';
import { copyKey, copyValue, goToKey, newKey, open, openSelected } from './keys/keyCommands.ts';
import { setLifetime } from './keys/lifetimeCommand.ts';
import { showKeptLeases, showLease, showLeases } from './leases/leaseCommands.ts';
import { filterLeases, grantLease, moreLeases, revokeSelectedLeases } from './leases/leaseListCommands.ts';
import {
  clearSearch,
  findKeys,
  hideValueLines,
  revealInTree,
  searchAgain,
  searchOn,
  showValueLines,
  stopSearch,
} from './views/searchCommands.ts';
import { copyLink, copySearchLink, openLink } from './links/linkCommands.ts';
import { openInHexEditor } from './keys/hexEditorCommand.ts';
import { viewValueAs } from './keys/viewCommand.ts';
import { completeMerge, merge, revert } from './keys/mergeCommands.ts';
import { pinFolder, unpinFolder } from './views/pinCommands.ts';
import { saveThisSearch, showSavedSearches } from './views/savedSearchCommands.ts';
import { compareWithEtcd, showKeyActions, toggleLive } from './views/liveCommands.ts';
import { loadMore, refresh, retry } from './views/viewCommands.ts';
import {
  clearEvents,
  continueWatch,
  filterEvents,
  moreEvents,
  notifyOnChange,
  pauseWatch,
  saveEvents,
  showEventDiff,
  stopWatch,
  watchPrefix,
} from './views/watchCommands.ts';

export type Handler = (context: CommandContext, argument: unknown, selected: unknown) => void | Promise<void>;

/** Not a command, but loaded together with the commands. */
export { etcdctlTerminal } from './terminal/terminalCommand.ts';
export { renameFile } from './transfer/renameFile.ts';
export { getApi } from './api/extensionCommands.ts';
export { ViewFiles } from '../documents/valueViews/viewFiles.ts';
export { languageModelTool } from './tools/languageModelTool.ts';

/**
 * The handlers of the manifest's commands. Loaded with the first command, because VS Code waits for what activation
 * loads.
 */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  'etcd.getStarted': getStarted,
  'etcd.connectLocal': connectLocal,
  'etcd.startLocal': startLocal,
  'etcd.addConnection': addConnection,
  'etcd.addConnectionFromClipboard': addConnectionFromClipboard,
  'etcd.editConnection': editConnection,
  'etcd.removeConnection': removeConnection,
  'etcd.setCredentials': setCredentials,
  'etcd.forgetCredentials': forgetCredentials,
  'etcd.cancelConnecting': cancelConnecting,
  'etcd.disconnect': disconnect,
  'etcd.diagnoseConnection': diagnoseConnection,
  'etcd.openSnapshot': openSnapshot,
  'etcd.closeFile': closeFile,
  'etcd.checkAgainstCluster': checkAgainstCluster,
  'etcd.showCluster': showCluster,
  'etcd.showOverview': showOverview,
  'etcd.showSpace': showSpace,
  'etcd.browseAsUser': browseAsUser,
  'etcd.chooseCluster': chooseCluster,
  'etcd.refreshCluster': refreshCluster,
  'etcd.moreLeases': moreLeases,
  'etcd.filterLeases': filterLeases,
  'etcd.grantLease': grantLease,
  'etcd.revokeLeases': revokeSelectedLeases,
  'etcd.compact': compact,
  'etcd.defragment': defragment,
  'etcd.makeRoom': makeRoom,
  'etcd.saveSnapshot': saveSnapshot,
  'etcd.explainRestore': explainRestore,
  'etcd.checkCluster': checkCluster,
  'etcd.moveLeader': moveLeader,
  'etcd.addMember': addMember,
  'etcd.promoteMember': promoteMember,
  'etcd.updateMember': updateMember,
  'etcd.removeMember': removeMember,
  'etcd.addUser': addUser,
  'etcd.changePassword': changePassword,
  'etcd.deleteUser': deleteUser,
  'etcd.grantRole': grantRole,
  'etcd.revokeRole': revokeRole,
  'etcd.addRole': addRole,
  'etcd.deleteRole': deleteRole,
  'etcd.addPermission': addPermission,
  'etcd.revokePermission': revokePermission,
  'etcd.enableAuthentication': enableAuthentication,
  'etcd.disableAuthentication': disableAuthentication,
  'etcd.showAccess': showAccess,
  'etcd.openTerminal': openTerminal,
  'etcd.goToKey': goToKey,
  'etcd.findKeys': findKeys,
  'etcd.searchAgain': searchAgain,
  'etcd.searchOn': searchOn,
  'etcd.stopSearch': stopSearch,
  'etcd.clearSearch': clearSearch,
  'etcd.showValueLines': showValueLines,
  'etcd.hideValueLines': hideValueLines,
  'etcd.revealInTree': revealInTree,
  'etcd.saveSearch': saveThisSearch,
  'etcd.savedSearches': showSavedSearches,
  'etcd.filterFolder': filterFolder,
  'etcd.clearFilter': clearFilter,
  'etcd.pinFolder': pinFolder,
  'etcd.unpinFolder': unpinFolder,
  'etcd.newKey': newKey,
  'etcd.newKeyHere': newKey,
  'etcd.newFolder': newFolder,
  'etcd.open': open,
  'etcd.openSelected': openSelected,
  'etcd.delete': deleteKeys,
  'etcd.rename': rename,
  'etcd.duplicate': duplicate,
  'etcd.moveTo': moveTo,
  'etcd.copyTo': copyTo,
  'etcd.cut': cut,
  'etcd.copy': copy,
  'etcd.paste': paste,
  'etcd.drop': drop,
  'etcd.resumeWork': resumeWork,
  'etcd.showHistory': showHistory,
  'etcd.showDeletedKeys': showDeletedKeys,
  'etcd.browsePast': browsePast,
  'etcd.browseOldest': browseOldest,
  'etcd.returnToNow': returnToNow,
  'etcd.compareWithRevision': compareWithRevision,
  'etcd.selectForCompare': selectForCompare,
  'etcd.compareWithSelected': compareWithSelected,
  'etcd.compareAgain': compareAgain,
  'etcd.stopComparing': stopComparing,
  'etcd.closeComparison': closeComparison,
  'etcd.openDifference': openDifference,
  'etcd.restoreDifference': restoreDifference,
  'etcd.applyToRight': applyToRight,
  'etcd.applyToLeft': applyToLeft,
  'etcd.undo': undo,
  'etcd.openInHexEditor': openInHexEditor,
  'etcd.viewValueAs': viewValueAs,
  'etcd.merge': merge,
  'etcd.completeMerge': completeMerge,
  'etcd.revert': revert,
  'etcd.setLifetime': setLifetime,
  'etcd.showLease': showLease,
  'etcd.showLeases': showLeases,
  'etcd.showKeptLeases': showKeptLeases,
  'etcd.copyKey': copyKey,
  'etcd.copyValue': copyValue,
  'etcd.copyLink': copyLink,
  'etcd.copySearchLink': copySearchLink,
  'etcd.openLink': openLink,
  'etcd.copyAs': copyConnectionAs,
  'etcd.export': exportToFile,
  'etcd.import': importKeys,
  'etcd.applyImport': applyImport,
  'etcd.discardImport': discardImport,
  'etcd.compareImported': compareImportedKey,
  'etcd.moreImported': moreImported,
  'etcd.watchPrefix': watchPrefix,
  'etcd.notifyOnChange': notifyOnChange,
  'etcd.pauseWatch': pauseWatch,
  'etcd.continueWatch': continueWatch,
  'etcd.filterEvents': filterEvents,
  'etcd.clearEvents': clearEvents,
  'etcd.saveEvents': saveEvents,
  'etcd.stopWatch': stopWatch,
  'etcd.showEventDiff': showEventDiff,
  'etcd.moreEvents': moreEvents,
  'etcd.refresh': refresh,
  'etcd.retry': retry,
  'etcd.loadMore': loadMore,
  'etcd.compareWithEtcd': compareWithEtcd,
  'etcd.toggleLive': toggleLive,
  'etcd.showKeyActions': showKeyActions,
  'etcd.allowedExtensions': showAllowedExtensions,
  'etcd.showLog': ({ log }) => log.show(),
};
