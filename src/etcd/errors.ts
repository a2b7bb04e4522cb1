import type { X509Certificate } from 'node:crypto';

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
  /** A member of another cluster than the one that the connection speaks with. */
  | 'otherCluster'
  | 'unavailable'
  | 'quotaExceeded'
  | 'requestTooLarge'
  /** An answer, or one message of it, beyond every limit. */
  | 'answerTooLarge'
  | 'tooManySteps'
  | 'compacted'
  | 'futureRevision'
  | 'notFound'
  | 'notEtcd'
  | 'fateUnknown'
  | 'unexpected'
  // this side
  | 'configuration'
  /** A file that is not etcd's, or that cannot be read at all. */
  | 'unreadableFile'
  | 'readOnly'
  /** A change of production that the user did not confirm. */
  | 'notConfirmed'
  /** A change of the members that leaves too few of them. */
  | 'losesQuorum'
  /** The API in use cannot store this key or value, or does not have such an operation. */
  | 'unsupported'
  /** The search pattern is invalid, or takes too long. */
  | 'pattern'
  | 'cancelled';

/** A certificate that was not accepted, and its endpoint. */
export interface RejectedCertificate {
  /** Such as `https://host:2379`. */
  readonly endpoint: string;
  /** The server's own first, then those of its authorities, as far as it sent them. */
  readonly shown: readonly [X509Certificate, ...X509Certificate[]];
}

/** Every failure of `src/etcd`. Its message is one sentence for the user, without a secret or a value. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly kind: EtcdErrorKind;
  /**
   * True if the request certainly was not carried out: nothing of it was sent, or etcd itself refused it. Only the code
   * that sent it or read the answer can know that, and says so; no kind of failure implies it.
   */
  readonly notCarriedOut: boolean;
  /** The oldest revision that is left, in `compacted` errors, if etcd reports it. */
  readonly oldestRevision: bigint | undefined;
  /** The server's certificate, if that is why the connection failed and it could be read. */
  readonly rejected: RejectedCertificate | undefined;

  constructor(
    kind: EtcdErrorKind,
    message: string,
    options?: {
      readonly cause?: unknown;
      readonly notCarriedOut?: boolean;
      readonly oldestRevision?: bigint;
      readonly rejected?: RejectedCertificate | undefined;
    },
  ) {
    super(message, options);
    this.kind = kind;
    this.oldestRevision = options?.oldestRevision;
    this.rejected = options?.rejected;
    this.notCarriedOut = options?.notCarriedOut ?? false;
  }

  /** True if a write may or may not have been carried out. */
  get fateUnknown(): boolean {
    return !this.notCarriedOut;
  }

  /** Marks a failure as one from before the request itself was sent. */
  static notCarriedOut(error: unknown): unknown {
    if (!EtcdError.is(error) || error.notCarriedOut) return error;
    const { kind, message, cause, oldestRevision, rejected } = error;
    return new EtcdError(kind, message, {
      cause,
      notCarriedOut: true,
      ...(oldestRevision !== undefined && { oldestRevision }),
      rejected,
    });
  }

  static is(error: unknown, ...kinds: readonly EtcdErrorKind[]): error is EtcdError {
    return error instanceof EtcdError && (kinds.length === 0 || kinds.includes(error.kind));
  }
}
