import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../../errors.ts';
import { notEtcdError } from '../../http/notEtcdError.ts';
import { OPERATION_ERRORS } from './operationErrors.ts';

// gRPC status codes, for when etcd's text does not decide.
/** Not by this client, which waits for no answer then: the gateway of a member that stops says so. */
const CANCELLED = 1;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
/** The request was not completed, and another member may complete it. */
const NOT_COMPLETED: ReadonlySet<number> = new Set([CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE]);

interface KnownError {
  /** Parts of etcd's messages; one of them is enough. */
  readonly texts: readonly string[];
  readonly kind: EtcdErrorKind;
  readonly sentence: () => string;
  /** etcd may have carried out the request despite this error. */
  readonly mayBeDone?: boolean;
}

/** etcd's messages and what they mean to a user; the first match counts. */
const KNOWN: readonly KnownError[] = [
  {
    texts: ['invalid user ID or password'],
    kind: 'wrongPassword',
    sentence: () => l10n.t('etcd did not accept this user name and password.'),
  },
  {
    texts: ['password was given for no password user'],
    kind: 'wrongPassword',
    sentence: () => l10n.t('This user has no password in etcd and signs in by a client certificate only.'),
  },
  {
    texts: ['user name is empty'],
    kind: 'signInNeeded',
    sentence: () => l10n.t('This etcd requires a user name and a password.'),
  },
  {
    texts: ['invalid auth token', 'revision of auth store is old'],
    kind: 'tokenRejected',
    sentence: () => l10n.t('etcd no longer accepts this sign-in.'),
  },
  {
    texts: ['authentication is not enabled'],
    kind: 'authenticationDisabled',
    sentence: () => l10n.t('This etcd does not use authentication.'),
  },
  {
    texts: ['permission denied'],
    kind: 'permissionDenied',
    sentence: () => l10n.t("This etcd user's roles do not permit that."),
  },
  {
    texts: ['no leader'],
    kind: 'noLeader',
    sentence: () =>
      l10n.t(
        'The etcd cluster has no leader at the moment: most of its members are down or cut off. Nothing was changed; try again when they are back.',
      ),
  },
  {
    texts: ['database space exceeded'],
    kind: 'quotaExceeded',
    // etcd carries out the last writes that fit, but may report this error for them.
    mayBeDone: true,
    sentence: () =>
      l10n.t(
        "etcd's database is full (its quota is used up), so it refuses writes. Compact and defragment it and disarm the NOSPACE alarm (etcd: Make Room), then save again.",
      ),
  },
  {
    texts: ['request is too large', 'received message larger than max'],
    kind: 'requestTooLarge',
    sentence: () =>
      l10n.t(
        'The value is larger than this etcd accepts in one request (1.5 MB unless its --max-request-bytes is set). Nothing was changed.',
      ),
  },
  {
    texts: ['too many operations in txn request'],
    kind: 'tooManySteps',
    sentence: () =>
      l10n.t('The transaction has more operations than this etcd accepts (its --max-txn-ops). Nothing was changed.'),
  },
  {
    texts: ['has been compacted'],
    kind: 'compacted',
    sentence: () => l10n.t('etcd has compacted the revision that is shown. Refresh to see the current one.'),
  },
  {
    texts: ['is a future revision'],
    kind: 'futureRevision',
    sentence: () => l10n.t('This member has not caught up with the cluster yet. Try again in a moment.'),
  },
  {
    texts: ['CommonName of client sending a request against gateway'],
    kind: 'clientCertificateRefused',
    sentence: () =>
      l10n.t(
        "etcd's HTTP gateway refuses client certificates with a common name while authentication is on. Use a client certificate without one.",
      ),
  },
  {
    texts: ['not supported for learner'],
    kind: 'unavailable',
    sentence: () =>
      l10n.t('This endpoint is a learner that does not answer requests yet. Use an endpoint of a voting member.'),
  },
  {
    texts: ['requested lease not found'],
    kind: 'notFound',
    sentence: () => l10n.t('The lease no longer exists.'),
  },
  ...OPERATION_ERRORS.map((known) => ({ ...known, kind: 'unexpected' as const })),
];

/** etcd's report of a failure: the gRPC status code, if there is one, and the text. */
export interface ServerStatus {
  readonly code?: number;
  readonly message: string;
}

/**
 * Converts a failure that a server reported, in any encoding.
 * @param status the HTTP status of the answer
 */
export function serverError({ code, message }: ServerStatus, status: number, endpoint: string): EtcdError {
  const { host } = new URL(endpoint);
  const cause = { cause: new Error(`HTTP ${status}, code ${code ?? 'none'}: ${message}`) };
  // A text without etcd's code may come from a proxy.
  const known = knownError(message, cause.cause, code !== undefined);
  if (known) return known;
  if (code === undefined) return notEtcdError(status, endpoint, cause.cause);
  const refused = { ...cause, notCarriedOut: true };
  if (code === PERMISSION_DENIED)
    return new EtcdError('permissionDenied', l10n.t("This etcd user's roles do not permit that."), refused);
  if (code === UNAUTHENTICATED)
    return new EtcdError('tokenRejected', l10n.t('etcd no longer accepts this sign-in.'), refused);
  if (NOT_COMPLETED.has(code) || message.includes('context deadline exceeded'))
    return new EtcdError(
      'unavailable',
      l10n.t('etcd at {0} could not complete the request ({1}). The cluster may have lost quorum.', host, message),
      cause,
    );
  if (code === INVALID_ARGUMENT || code === NOT_FOUND)
    return new EtcdError('unexpected', l10n.t('etcd refused the request ({0}).', message), refused);
  return new EtcdError('unexpected', l10n.t('etcd at {0} reported an error ({1}).', host, message), cause);
}

/** Explains why etcd has ended a watch, which only the text says, because it comes without a status. */
export function watchError(reason: string): EtcdError {
  const cause = new Error(reason);
  return (
    knownError(reason, cause, true) ??
    new EtcdError('unexpected', l10n.t('etcd refused the request ({0}).', reason), { cause, notCarriedOut: true })
  );
}

function knownError(message: string, cause: Error, isFromEtcd: boolean): EtcdError | undefined {
  const known = KNOWN.find(({ texts }) => texts.some((text) => message.includes(text)));
  if (!known) return undefined;
  return new EtcdError(known.kind, known.sentence(), { cause, notCarriedOut: isFromEtcd && !known.mayBeDone });
}
