import { l10n } from 'vscode';
import type { ConnectionSettings } from './connectionProfile.ts';

/** Describes in a few words which servers a connection trusts. */
export function trustText({ ca, caFile, pinnedSha256 }: ConnectionSettings): string {
  // Pins alone decide, whatever authority signed the certificate.
  if (pinnedSha256?.length === 1) return l10n.t('one pinned certificate');
  if (pinnedSha256?.length) return l10n.t('{0} pinned certificates', pinnedSha256.length);
  return caFile ?? (ca === undefined ? l10n.t("the system's authorities") : l10n.t('text in the settings'));
}
