import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';

/** etcd's codes for refusals of v2; each is in the table below, or is an outcome that the store expects. */
export const ERROR = {
  keyNotFound: 100,
  compareFailed: 101,
  notAFile: 102,
  notADirectory: 104,
  alreadyExists: 105,
  rootReadOnly: 107,
  directoryNotEmpty: 108,
  unauthorized: 110,
  invalidForm: 210,
  raftInternal: 300,
  duringLeaderElection: 301,
  indexCleared: 401,
} as const;

export interface V2Refusal {
  readonly errorCode: number;
  readonly message: string;
  /** Usually the path of the key or directory that is in the way. */
  readonly cause: string;
}

type Sentence = (cause: string, host: string) => string;

const unavailable: Sentence = (cause, host) =>
  l10n.t('etcd at {0} could not complete the request ({1}). The cluster may have lost quorum.', host, cause);

function directorySentence(path: string): string {
  return l10n.t("{0} is a directory: in etcd's v2 API it has no value.", path);
}

const KNOWN: ReadonlyMap<number, readonly [EtcdErrorKind, Sentence]> = new Map<
  number,
  readonly [EtcdErrorKind, Sentence]
>([
  [ERROR.keyNotFound, ['notFound', (path) => l10n.t('{0} does not exist.', path)]],
  [ERROR.compareFailed, ['unexpected', () => l10n.t('The key was changed in the meantime, so nothing was written.')]],
  [ERROR.notAFile, ['unsupported', directorySentence]],
  [
    ERROR.notADirectory,
    ['unsupported', (path) => l10n.t("{0} is a key: in etcd's v2 API nothing can be below it.", path)],
  ],
  [ERROR.alreadyExists, ['unsupported', (path) => l10n.t('{0} exists already.', path)]],
  [
    ERROR.rootReadOnly,
    ['unsupported', () => l10n.t("etcd's v2 API does not delete or write the root directory itself.")],
  ],
  [ERROR.directoryNotEmpty, ['unsupported', (path) => l10n.t('The directory {0} is not empty.', path)]],
  [
    ERROR.invalidForm,
    ['requestTooLarge', () => l10n.t("The value is larger than etcd's v2 API accepts (10 MB). Nothing was changed.")],
  ],
  [ERROR.raftInternal, ['unavailable', unavailable]],
  [ERROR.duringLeaderElection, ['unavailable', unavailable]],
  [
    ERROR.indexCleared,
    [
      'compacted',
      () => l10n.t('etcd no longer has the changes since this was loaded. Refresh to see the current state.'),
    ],
  ],
]);

/** Turns a refusal of v2 into an EtcdError. `signedIn`: credentials were sent. */
export function refusalError({ errorCode, message, cause }: V2Refusal, endpoint: string, signedIn: boolean): EtcdError {
  const details = { cause: new Error(`v2 error ${errorCode}: ${message} (${cause})`) };
  if (errorCode === ERROR.unauthorized) return unauthorized(signedIn, details);
  const [kind, sentence] = KNOWN.get(errorCode) ?? [
    'unexpected',
    () => l10n.t('etcd refused the request ({0}).', `${message}: ${cause}`),
  ];
  return new EtcdError(kind, sentence(cause, new URL(endpoint).host), {
    ...details,
    notCarriedOut: KNOWN.has(errorCode) && kind !== 'unavailable',
    ...(errorCode === ERROR.indexCleared && oldestOf(cause)),
  });
}

/** Reads the oldest index, the first number of `the requested history has been cleared [7/1]`. */
function oldestOf(cause: string): { readonly oldestRevision: bigint } | undefined {
  const [, oldest] = /\[(\d+)\/\d+\]/.exec(cause) ?? [];
  return oldest === undefined ? undefined : { oldestRevision: BigInt(oldest) };
}

/** Error for a path that is a directory instead of a key, and so has no value. */
export function directoryError(path: string): EtcdError {
  return new EtcdError('unsupported', directorySentence(path));
}

/** @param serverVersion such as `3.5.16`; undefined or empty if unknown */
export function noV2Error(endpoint: string, serverVersion?: string, cause?: unknown): EtcdError {
  const { host } = new URL(endpoint);
  const message = hasNoV2(serverVersion)
    ? l10n.t('{0} is etcd {1}, which no longer has the v2 API. Set "api" to "v3" or "auto".', host, serverVersion ?? '')
    : l10n.t(
        "{0} does not serve etcd's v2 API; etcd 3.4 and 3.5 need the flag --enable-v2 for it, newer ones have none.",
        host,
      );
  return new EtcdError('unsupported', message, { cause });
}

/** Whether a version no longer has the v2 API, which ended with etcd 3.5. */
function hasNoV2(serverVersion = ''): boolean {
  const [, minor] = /^3\.(\d+)\./.exec(serverVersion) ?? [];
  return Number(minor ?? 0) > 5;
}

/** Error for v2's one answer to a wrong password, a missing password and a missing right. */
function unauthorized(signedIn: boolean, { cause }: { readonly cause: Error }): EtcdError {
  const details = { cause, notCarriedOut: true };
  return signedIn
    ? new EtcdError(
        'permissionDenied',
        l10n.t(
          "etcd's v2 API refused this: either the user name or password is wrong, or the user's roles do not permit it. It does not say which.",
        ),
        details,
      )
    : new EtcdError('signInNeeded', l10n.t("etcd's v2 API requires a user name and a password for this."), details);
}
