import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { changesGone } from '../watch/changesGone.ts';
import type { WatchResponse } from './rpc_pb.js';
import { watchError } from './serverErrors.ts';

/** Why etcd has ended a watch, or did not begin it. */
export function refusal({ compactRevision, cancelReason }: WatchResponse): EtcdError {
  return compactRevision > 0n ? changesGone(compactRevision) : watchError(cancelReason);
}

/** The endpoint has ended a watch in order, as a server does that is shut down. */
export function watchEnded(endpoint: string): EtcdError {
  return new EtcdError('connectionLost', l10n.t('{0} has ended the watch.', new URL(endpoint).host));
}

/** Answers come through only when they are complete, which a watch's never is. */
export function heldBack(endpoint: string): EtcdError {
  const message = l10n.t(
    'Something between here and {0} holds back the events of etcd (a proxy that buffers answers), so changes cannot be followed.',
    new URL(endpoint).host,
  );
  return new EtcdError('unsupported', message);
}
