/** What went wrong, in the terms of a user of etcd. */
export type EtcdErrorKind =
  // the network
  | 'refused'
  | 'unresolved'
  | 'timedOut'
  | 'connectionLost'
  // TLS
  | 'unknownAuthority'
  | 'wrongHostName'
  | 'certificateExpired'
  | 'clientCertificateRefused'
  | 'tlsFailed'
  | 'plainToTls'
  | 'tlsToPlain'
  | 'badCertificate'
  | 'pinMismatch'
  | 'passphraseNeeded'
  // who is asking
  | 'wrongPassword'
  | 'signInNeeded'
  | 'tokenRejected'
  | 'authenticationDisabled'
  | 'permissionDenied'
  // etcd's answers
  | 'noLeader'
  | 'unavailable'
  | 'quotaExceeded'
  | 'requestTooLarge'
  | 'tooManySteps'
  | 'compacted'
  | 'futureRevision'
  | 'notFound'
  | 'notEtcd'
  | 'fateUnknown'
  | 'unexpected'
  // this side
  | 'configuration'
  | 'readOnly'
  /** The API in use has no room for this key or value, or no such operation. */
  | 'unsupported'
  /** What keys are searched for is no pattern, or takes too long. */
  | 'pattern'
  | 'cancelled';

const NOT_CARRIED_OUT: ReadonlySet<EtcdErrorKind> = new Set([
  'refused',
  'unresolved',
  'unknownAuthority',
  'wrongHostName',
  'certificateExpired',
  'clientCertificateRefused',
  'tlsFailed',
  'pinMismatch',
  'plainToTls',
  'tlsToPlain',
  'noLeader',
]);

const FATE_UNKNOWN: ReadonlySet<EtcdErrorKind> = new Set(['timedOut', 'connectionLost', 'unavailable']);

/** Every failure of `src/etcd`. Its message is one sentence for the user that holds no secret and no value. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly kind: EtcdErrorKind;
  /** True where the request certainly was not carried out, so that it may be sent to another endpoint. */
  readonly notCarriedOut: boolean;
  /** Of `compacted`, where etcd says so: the oldest revision that is left. */
  readonly oldestRevision: bigint | undefined;

  constructor(
    kind: EtcdErrorKind,
    message: string,
    options?: { readonly cause?: unknown; readonly notCarriedOut?: boolean; readonly oldestRevision?: bigint },
  ) {
    super(message, options);
    this.kind = kind;
    this.oldestRevision = options?.oldestRevision;
    this.notCarriedOut = options?.notCarriedOut ?? NOT_CARRIED_OUT.has(kind);
  }

  /** True where a write may or may not have been carried out. */
  get fateUnknown(): boolean {
    return !this.notCarriedOut && FATE_UNKNOWN.has(this.kind);
  }

  static is(error: unknown, ...kinds: readonly EtcdErrorKind[]): error is EtcdError {
    return error instanceof EtcdError && (kinds.length === 0 || kinds.includes(error.kind));
  }
}
