import * as l10n from '@vscode/l10n';
import { EtcdError, type EtcdErrorKind } from '../errors.ts';

/** etcd's numbers for what v2 refuses; each is in the table below or is an outcome that the store expects. */
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
  /** Of most refusals, the path of the key or directory that is in the way. */
  readonly cause: string;
}

type Sentence = (cause: string, host: string) => string;

const unavailable: Sentence = (cause, host) =>
  l10n.t('etcd at {0} could not complete the request ({1}). The cluster may have lost its majority.', host, cause);

function directorySentence(path: string): string {
  return l10n.t("{0} is a directory: in etcd's v2 API it has no value.", path);
}

const KNOWN: ReadonlyMap<number, readonly [EtcdErrorKind, Sentence]> = new Map<
  number,
  readonly [EtcdErrorKind, Sentence]
>([
  [ERROR.keyNotFound, ['notFound', (path) => l10n.t('{0} does not exist.', path)]],
  [ERROR.compareFailed, ['unexpected', () => l10n.t('The key was changed meanwhile, so nothing was written.')]],
  [ERROR.notAFile, ['unsupported', directorySentence]],
  [
    ERROR.notADirectory,
    ['unsupported', (path) => l10n.t("{0} is a key: in etcd's v2 API nothing can lie below it.", path)],
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
      () => l10n.t('etcd no longer has the changes since what was shown. Refresh to see the present state.'),
    ],
  ],
]);

/** Turns what v2 refused into an EtcdError; `signedIn`: credentials were sent. */
export function refusalError({ errorCode, message, cause }: V2Refusal, endpoint: string, signedIn: boolean): EtcdError {
  const details = { cause: new Error(`v2 error ${errorCode}: ${message} (${cause})`) };
  if (errorCode === ERROR.unauthorized) return unauthorized(signedIn, details);
  const [kind, sentence] = KNOWN.get(errorCode) ?? [
    'unexpected',
    () => l10n.t('etcd refused the request ({0}).', `${message}: ${cause}`),
  ];
  return new EtcdError(kind, sentence(cause, new URL(endpoint).host), {
    ...details,
    notCarriedOut: kind !== 'unavailable',
    ...(errorCode === ERROR.indexCleared && oldestOf(cause)),
  });
}

/** Of `the requested history has been cleared [7/1]`, the first number is the oldest index. */
function oldestOf(cause: string): { readonly oldestRevision: bigint } | undefined {
  const [, oldest] = /\[(\d+)\/\d+\]/.exec(cause) ?? [];
  return oldest === undefined ? undefined : { oldestRevision: BigInt(oldest) };
}

/** What stands at the path has no value: a directory, where a key is wanted. */
export function directoryError(path: string): EtcdError {
  return new EtcdError('unsupported', directorySentence(path));
}

export function noV2Error(endpoint: string, cause?: unknown): EtcdError {
  const message = l10n.t(
    "{0} does not serve etcd's v2 API; since etcd 3.4 it needs the flag --enable-v2.",
    new URL(endpoint).host,
  );
  return new EtcdError('unsupported', message, { cause });
}

/** v2 answers a wrong password, a missing right and a missing password alike. */
function unauthorized(signedIn: boolean, details: { readonly cause: Error }): EtcdError {
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
