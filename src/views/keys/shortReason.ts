import { l10n } from 'vscode';
import type { EtcdErrorKind } from '../../etcd/errors.ts';

/** Describes in two or three words why a connection failed, for a row that has no room for a sentence. */
export function shortReason(kind: EtcdErrorKind): string | undefined {
  return REASONS[kind]?.();
}

const REASONS: Partial<Readonly<Record<EtcdErrorKind, () => string>>> = {
  refused: () => l10n.t('cannot be reached'),
  unresolved: () => l10n.t('host not found'),
  timedOut: () => l10n.t('no answer'),
  connectionLost: () => l10n.t('connection lost'),
  unknownAuthority: () => l10n.t('certificate not trusted'),
  wrongHostName: () => l10n.t('wrong host name'),
  certificateExpired: () => l10n.t('certificate expired'),
  clientCertificateRefused: () => l10n.t('client certificate refused'),
  tlsFailed: () => l10n.t('no TLS connection'),
  plainToTls: () => l10n.t('needs https'),
  tlsToPlain: () => l10n.t('needs http'),
  badCertificate: () => l10n.t('unusable certificate file'),
  pinMismatch: () => l10n.t('certificate changed'),
  passphraseNeeded: () => l10n.t('passphrase needed'),
  wrongPassword: () => l10n.t('wrong password'),
  signInNeeded: () => l10n.t('password needed'),
  tokenRejected: () => l10n.t('sign-in expired'),
  permissionDenied: () => l10n.t('permission denied'),
  noLeader: () => l10n.t('no leader'),
  otherCluster: () => l10n.t('another cluster'),
  unavailable: () => l10n.t('unavailable'),
  notEtcd: () => l10n.t('not etcd'),
  configuration: () => l10n.t('check the settings'),
};
