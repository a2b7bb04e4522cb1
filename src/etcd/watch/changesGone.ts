import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

/** Error for a watch whose first events are compacted. */
export function changesGone(oldestRevision?: bigint): EtcdError {
  return new EtcdError(
    'compacted',
    l10n.t('etcd no longer has the changes since this was loaded. Refresh to see the current state.'),
    oldestRevision === undefined ? {} : { oldestRevision },
  );
}
