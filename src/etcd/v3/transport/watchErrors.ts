import * as l10n from '@vscode/l10n';
import { EtcdError } from '../../errors.ts';
import { changesGone } from '../../watch/changesGone.ts';
import type { WatchResponse } from './rpc_pb.js';
import { watchError } from './serverErrors.ts';

/** Explains why etcd has ended a watch or refused it. */
export function refusal({ compactRevision, cancelReason }: WatchResponse): EtcdError {
  return compactRevision > 0n ? changesGone(compactRevision) : watchError(cancelReason);
}

/** Error for an orderly end of a watch, as a server sends when it is shut down. */
export function watchEnded(endpoint: string): EtcdError {
  return new EtcdError('connectionLost', l10n.t('{0} has ended the watch.', new URL(endpoint).host));
}

/** Error for a proxy that passes on only complete answers: a watch's answer never is complete. */
export function heldBack(endpoint: string): EtcdError {
  const message = l10n.t(
    'Something between here and {0} holds back the events of etcd (a proxy that buffers answers), so changes cannot be followed.',
    new URL(endpoint).host,
  );
  return new EtcdError('unsupported', message);
}
