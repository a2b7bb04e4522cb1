import { EtcdError } from './errors.ts';
import type { HttpClient, HttpSettings } from './http/httpClient.ts';
import { readOnlyStore } from './readOnlyStore.ts';
import { withPinnedAuthorities } from './http/serverCertificate.ts';
import { connectV2 } from './v2/connectV2.ts';
import { speaksV2 } from './v2/v2Members.ts';
import { connectV3, type V3Settings } from './v3/connectV3.ts';
import type { Credentials, EtcdConnection } from './etcdConnection.ts';
import type { TransportName } from './v3/signedInSession.ts';

export type Api = 'v2' | 'v3';

export interface EtcdSettings extends V3Settings {
  readonly api: Api | 'auto';
  /** Refuse every write, before it is sent. */
  readonly readOnly?: boolean;
}

export interface OpenEtcd extends EtcdConnection {
  readonly endpoints?: () => readonly string[];
  /** How v3's messages travel. */
  readonly transport?: TransportName;
  readonly proxied?: boolean;
  readonly api: Api;
  /** The server also serves v2 keys, which are a store of their own. */
  readonly alsoV2: boolean;
}

/**
 * Connects by the API that is asked for; `auto` takes v3 where the server has it, and v2 where it has only that.
 * @throws EtcdError
 */
export async function connectEtcd(
  settings: EtcdSettings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<OpenEtcd> {
  const connection = await connectByApi(settings, credentials, signal);
  return settings.readOnly ? { ...connection, store: readOnlyStore(connection.store) } : connection;
}

async function connectByApi(
  settings: EtcdSettings,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenEtcd> {
  const { api } = settings;
  if (api === 'v2') return await openV2(settings, credentials, signal);
  try {
    const connection = await connectV3(settings, credentials, signal);
    if (api === 'v3') return { ...connection, api, alsoV2: false };
    if (!connection.serverVersion.startsWith('2.'))
      return { ...connection, api: 'v3', alsoV2: await alsoSpeaksV2(connection.http, signal) };
    connection.close();
  } catch (error) {
    // Such is the answer of an etcd without v3 keys: an old one, or one whose gateway is switched off.
    if (api === 'v3' || !EtcdError.is(error, 'notEtcd')) throw error;
    return await openV2(settings, credentials, signal).catch(() => {
      throw error;
    });
  }
  return await openV2(settings, credentials, signal);
}

async function openV2(
  settings: HttpSettings,
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenEtcd> {
  const tls = await withPinnedAuthorities(settings.tls, settings.endpoints, settings.limits.connect);
  return { ...(await connectV2({ ...settings, tls }, credentials, signal)), api: 'v2', alsoV2: false };
}

/** Whether v2 answers too is a convenience: where the question fails, the connection does not. */
async function alsoSpeaksV2(http: HttpClient, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return await speaksV2(http, signal);
  } catch (error) {
    if (EtcdError.is(error)) return false;
    throw error;
  }
}
