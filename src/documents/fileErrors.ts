import { FileSystemError } from 'vscode';
import { EtcdError, type EtcdErrorKind } from '../etcd/errors.ts';

const REFUSALS: ReadonlySet<EtcdErrorKind> = new Set([
  'permissionDenied',
  'readOnly',
  'wrongPassword',
  'signInNeeded',
  'tokenRejected',
]);

/** What VS Code shows for a failure of etcd; any other error is returned as it is. */
export function fileError(error: unknown): unknown {
  if (!EtcdError.is(error)) return error;
  return REFUSALS.has(error.kind)
    ? FileSystemError.NoPermissions(error.message)
    : FileSystemError.Unavailable(error.message);
}
