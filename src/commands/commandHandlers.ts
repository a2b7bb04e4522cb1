import type { CommandContext } from './commandContext.ts';
import { addConnection, editConnection, removeConnection } from './connectionCommands.ts';
import { forgetCredentials, setCredentials } from './credentialCommands.ts';
import {
  closeComparison,
  compareAgain,
  compareWithRevision,
  compareWithSelected,
  openDifference,
  restoreDifference,
  selectForCompare,
  stopComparing,
} from './compareCommands.ts';
import { copyConnectionAs } from './copyAsCommands.ts';
import { showHistory } from './historyCommand.ts';
import { browseOldest, browsePast, returnToNow } from './pastCommands.ts';
import { copy, cut, drop, paste } from './clipboardCommands.ts';
import { copyTo, duplicate, moveTo, rename } from './transferCommands.ts';
import { resumeWork } from './resumeCommand.ts';
import { undo } from './undoCommand.ts';
import { deleteKeys } from './deleteCommand.ts';
import { showDeletedKeys } from './deletedKeysCommand.ts';
import { diagnoseConnection } from './diagnoseCommand.ts';
import { applyImport, compareImportedKey, discardImport, moreImported } from './applyImportCommand.ts';
import { exportToFile } from './exportCommand.ts';
import { addConnectionFromClipboard } from './importCommands.ts';
import { importKeys } from './importKeysCommand.ts';
import { clearFilter, filterFolder } from './filterCommands.ts';
import { newFolder } from './folderCommands.ts';
import { copyKey, copyValue, goToKey, newKey, open, openSelected } from './keyCommands.ts';
import { setLifetime, showKeptLeases, showLease, showLeases } from './leaseCommands.ts';
import {
  clearSearch,
  findKeys,
  hideValueLines,
  revealInTree,
  searchAgain,
  searchOn,
  showValueLines,
  stopSearch,
} from './searchCommands.ts';
import { openInHexEditor } from './hexEditorCommand.ts';
import { completeMerge, merge, revert } from './mergeCommands.ts';
import { pinFolder, unpinFolder } from './pinCommands.ts';
import { saveThisSearch, showSavedSearches } from './savedSearchCommands.ts';
import { compareWithEtcd, showKeyActions, toggleLive } from './liveCommands.ts';
import { loadMore, refresh, retry } from './viewCommands.ts';
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
} from './watchCommands.ts';

export type Handler = (context: CommandContext, argument: unknown, selected: unknown) => void | Promise<void>;

/** What each command of the manifest does. Loaded when the first command runs, since VS Code waits for what activation loads. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  'etcd.addConnection': addConnection,
  'etcd.addConnectionFromClipboard': addConnectionFromClipboard,
  'etcd.editConnection': editConnection,
  'etcd.removeConnection': removeConnection,
  'etcd.setCredentials': setCredentials,
  'etcd.forgetCredentials': forgetCredentials,
  'etcd.diagnoseConnection': diagnoseConnection,
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
  'etcd.undo': undo,
  'etcd.openInHexEditor': openInHexEditor,
  'etcd.merge': merge,
  'etcd.completeMerge': completeMerge,
  'etcd.revert': revert,
  'etcd.setLifetime': setLifetime,
  'etcd.showLease': showLease,
  'etcd.showLeases': showLeases,
  'etcd.showKeptLeases': showKeptLeases,
  'etcd.copyKey': copyKey,
  'etcd.copyValue': copyValue,
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
  'etcd.showLog': ({ log }) => log.show(),
};
