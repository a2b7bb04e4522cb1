import { EtcdError, type EtcdErrorKind } from '../../etcd/errors.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

const REFUSALS: ReadonlySet<EtcdErrorKind> = new Set([
  'permissionDenied',
  'readOnly',
  'notConfirmed',
  'wrongPassword',
  'signInNeeded',
  'tokenRejected',
]);

/** Converts a failure of etcd to an error for VS Code; returns any other error unchanged. */
export function fileError(error: unknown): unknown {
  if (!EtcdError.is(error)) return error;
  return REFUSALS.has(error.kind)
    ? FileSystemError.NoPermissions(error.message)
    : FileSystemError.Unavailable(error.message);
}
