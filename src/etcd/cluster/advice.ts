import * as l10n from '@vscode/l10n';

/** Returns what to do about a figure that is beyond its limit; empty for one without a limit. @param id of the figure */
export function adviceOf(id: string): string {
  switch (id) {
    case 'leader':
      return l10n.t('Start its other members, and look at the network between them.');
    case 'sync':
    case 'commit':
      return l10n.t('Give the member a faster disk, or one that nothing else writes to.');
    case 'peers':
      return l10n.t('Look at the network between the members.');
    case 'calls':
      return l10n.t("Look into the member's log for the reason.");
    case 'slowWatchers':
      return l10n.t('Find the clients that do not read their watches fast enough, or give the member more CPU.');
    case 'files':
      return l10n.t('Raise the limit of open files of its process, or close unused connections.');
    default:
      return '';
  }
}
