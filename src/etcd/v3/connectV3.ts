import { HttpClient, type HttpSettings } from '../http/httpClient.ts';
import { withPinnedAuthorities } from '../http/serverCertificate.ts';
import { readServerVersion } from '../http/serverVersion.ts';
import type { KeyStore } from '../keyStore.ts';
import { GatewayTransport } from './gatewayTransport.ts';
import { Session, type Credentials } from './session.ts';
import { V3Store } from './v3Store.ts';

/** An open connection; `close` aborts what is under way. */
export interface EtcdConnection {
  readonly store: KeyStore;
  readonly serverVersion: string;
  /** The endpoint in use at the moment. */
  readonly endpoint: () => string;
  readonly close: () => void;
}

/**
 * Finds out which etcd answers, and signs in where credentials are given.
 * @throws EtcdError
 */
export async function connectV3(
  settings: HttpSettings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<EtcdConnection & { readonly session: Session }> {
  const tls = await withPinnedAuthorities(settings.tls, settings.endpoints, settings.limits.connect);
  const http = new HttpClient({ ...settings, tls });
  try {
    const serverVersion = await readServerVersion(http, signal);
    const session = new Session(new GatewayTransport(http, apiVersion(serverVersion)), credentials);
    await session.signIn();
    return {
      store: new V3Store(session),
      session,
      serverVersion,
      endpoint: () => http.endpoint,
      close: () => http.close(),
    };
  } catch (error) {
    http.close();
    throw error;
  }
}

/** etcd 3.3 serves its gateway as `v3beta`, everything newer as `v3`. */
function apiVersion(serverVersion: string): string {
  return /^3\.[0-3]\./.test(serverVersion) ? 'v3beta' : 'v3';
}
