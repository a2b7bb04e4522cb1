import { EtcdError, type EtcdErrorKind } from './errors.ts';

const PASSING: readonly EtcdErrorKind[] = [
  'refused',
  'unresolved',
  'timedOut',
  'connectionLost',
  'tokenRejected',
  'noLeader',
  'unavailable',
];

/** Whether a failure may pass: a member, a connection or the network may come back. */
export function isPassing(error: unknown): error is EtcdError {
  return EtcdError.is(error, ...PASSING);
}
