import { l10n } from 'vscode';
import type { ConnectionSettings } from '../../connections/settings/connectionProfile.ts';

/** The variables for etcdctl; a variable that is null is removed from its environment. */
export type TerminalVariables = Readonly<Record<string, string | null>>;

/**
 * Names that etcdctl knows, so that none of the user's own variables leads to another etcd. Without ETCDCTL_API, etcdctl
 * uses v3 since etcd 3.4; from 3.6 on it does not know that variable.
 */
const NAMES = [
  ...['API', 'ENDPOINTS', 'CACERT', 'CERT', 'KEY', 'USER', 'PASSWORD', 'DIAL_TIMEOUT', 'COMMAND_TIMEOUT'],
  ...['INSECURE_SKIP_TLS_VERIFY', 'INSECURE_TRANSPORT', 'DISCOVERY_SRV', 'DISCOVERY_SRV_NAME', 'INSECURE_DISCOVERY'],
  ...['KEEPALIVE_TIME', 'KEEPALIVE_TIMEOUT', 'WRITE_OUT', 'HEX', 'DEBUG', 'AUTH_JWT_TOKEN'],
];

/** The files of a connection, with full paths. */
export interface CertificateFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * Returns the variables with which etcdctl connects as the connection does.
 * @param password if undefined, etcdctl asks for it
 */
export function etcdctlVariables(
  settings: ConnectionSettings,
  endpoints: readonly string[],
  files: CertificateFiles,
  password: string | undefined,
): TerminalVariables {
  const { username, connectTimeout, headerTimeout } = settings;
  // etcdctl would take the part of the name after a colon for a password.
  const user = username?.includes(':') ? undefined : username;
  return {
    ...Object.fromEntries(NAMES.map((name) => [`ETCDCTL_${name}`, null])),
    ETCDCTL_ENDPOINTS: endpoints.join(','),
    ...(files.ca !== undefined && { ETCDCTL_CACERT: files.ca }),
    ...(files.cert !== undefined && { ETCDCTL_CERT: files.cert }),
    ...(files.key !== undefined && { ETCDCTL_KEY: files.key }),
    ...(connectTimeout !== undefined && { ETCDCTL_DIAL_TIMEOUT: `${connectTimeout * 1000}ms` }),
    ...(headerTimeout !== undefined && { ETCDCTL_COMMAND_TIMEOUT: `${headerTimeout * 1000}ms` }),
    ...(user !== undefined && { ETCDCTL_USER: user }),
    ...(user !== undefined && password !== undefined && { ETCDCTL_PASSWORD: password }),
  };
}

/** Describes in sentences which settings etcdctl cannot apply. */
export function notExpressed({
  serverName,
  pinnedSha256,
  pfxFile,
  username,
  readOnly,
  tunnel,
}: ConnectionSettings): string[] {
  return [
    ...(tunnel === undefined
      ? []
      : [
          l10n.t(
            'etcdctl does not go through the tunnel of this connection: it needs a way of its own to the endpoints.',
          ),
        ]),
    ...(serverName === undefined
      ? []
      : [l10n.t('etcdctl has no option for "serverName": it checks the certificate for the host of the endpoint.')]),
    ...(pinnedSha256 === undefined
      ? []
      : [
          l10n.t(
            'etcdctl does not know pinned certificates: it trusts the authorities of the system, or those of "caFile".',
          ),
        ]),
    ...(pfxFile === undefined
      ? []
      : [l10n.t('etcdctl cannot read a PKCS#12 archive, so it shows no client certificate.')]),
    ...(username?.includes(':') ? [l10n.t('etcdctl cannot sign in a user with a colon in its name.')] : []),
    ...(readOnly === true ? [l10n.t('This connection is read-only here; etcdctl writes all the same.')] : []),
    ...(Array.isArray(readOnly) ? [l10n.t('Some keys are read-only here; etcdctl writes them all the same.')] : []),
  ];
}
