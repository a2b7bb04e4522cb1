import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** The events that a watch asked for are no longer to be had. */
export function changesGone(oldestRevision?: bigint): EtcdError {
  return new EtcdError(
    'compacted',
    l10n.t('etcd no longer has the changes since what was shown. Refresh to see the present state.'),
    oldestRevision === undefined ? {} : { oldestRevision },
  );
}
