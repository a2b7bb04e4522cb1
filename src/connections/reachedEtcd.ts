import { connectEtcd, type EtcdSettings, type OpenEtcd } from '../etcd/connect/connect.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { RequestLogEntry } from '../etcd/http/httpClient.ts';
import type { Credentials } from '../etcd/http/etcdConnection.ts';
import { timeLimits } from './settings/connectionProfile.ts';
import { hierarchyOf } from './settings/hierarchySettings.ts';
import { metricsOrigins } from './settings/origins.ts';
import type { Consents } from './trust/consents.ts';
import type { CredentialScope } from './trust/credentialStore.ts';
import { tunnelFor } from './trust/connectionTunnel.ts';

/** The parts of a connection that decide how it reaches etcd. */
interface Reaching {
  readonly name: string;
  readonly services: {
    readonly consents: Consents;
    readonly logRequest: (connection: string, entry: RequestLogEntry) => void;
    /** Path of the script that ends a tunnel's program with VS Code. */
    readonly tunnelGuard: string;
  };
}

/** Returns the settings with which a connection reaches etcd. The caller closes their tunnel. */
export function etcdSettings(
  { name, services }: Reaching,
  { profile, origins, identity, besideV3 }: CredentialScope,
  credentials: Credentials | undefined,
): EtcdSettings {
  const { api = 'auto', transport = 'auto', sync = false, readOnly = false, hidden = [] } = profile.settings;
  const tunnel = tunnelFor(profile, services.tunnelGuard);
  const metrics = metricsOrigins(profile.settings);
  return {
    endpoints: origins,
    tls: identity,
    limits: timeLimits(profile.settings),
    log: (entry) => services.logRequest(name, entry),
    mayUse: (origin) =>
      (tunnel === undefined || tunnel.leadsAnywhere) &&
      services.consents.coversLearned(profile, origin, credentials !== undefined),
    metricsOrigins: metrics,
    ...{ transport, sync, readOnly, hidden, tunnel },
    hierarchy: hierarchyOf(profile.settings),
    api: besideV3 ? 'v2' : api,
  };
}

/** Connects to etcd, and finds out whether it answers this user at all. Its tunnel ends with it. @throws EtcdError */
export async function openEtcd(
  settings: EtcdSettings,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<OpenEtcd> {
  const { tunnel } = settings;
  let connection: OpenEtcd | undefined;
  const close = () => {
    connection?.close();
    tunnel?.close();
  };
  try {
    connection = await connectEtcd(settings, credentials, signal);
    // Without a sign-in, nothing has shown yet whether v3 allows reads at all.
    if (!credentials && connection.api === 'v3') await connection.store.get(Uint8Array.of(0), { signal });
  } catch (error) {
    if (!connection || !EtcdError.is(error, 'permissionDenied')) {
      close();
      throw error;
    }
  }
  return { ...connection, close, ...(tunnel && { tunnel: tunnel.name }) };
}
