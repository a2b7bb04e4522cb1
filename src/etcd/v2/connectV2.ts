import { Endpoints } from '../http/endpoints.ts';
import { HttpClient, type HttpSettings } from '../http/httpClient.ts';
import { OneCluster } from '../http/oneCluster.ts';
import { readServerVersion } from '../http/serverVersion.ts';
import type { Credentials, EtcdConnection } from '../http/etcdConnection.ts';
import { V2Client } from './v2Client.ts';
import { noV2Error } from './v2Errors.ts';
import { speaksV2 } from './v2Members.ts';
import { RedirectedClient } from './redirectedClient.ts';
import { V2Store } from './v2Store.ts';

/** A hidden key that does not exist: reading it is cheap, and tells whether a user is required. */
const PROBE = new TextEncoder().encode('/_');

/**
 * Connects to the v2 keys API. Credentials are part of each request, and v2 cannot check them alone: a wrong password
 * shows up at the first request, where etcd answers as it does to a missing right. So does an unknown name in a client
 * certificate.
 * @throws EtcdError; `unsupported` if v2 is off, `signInNeeded` if reading requires a user
 */
export async function connectV2(
  settings: HttpSettings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<EtcdConnection> {
  const cluster = new OneCluster();
  const http = new HttpClient(settings, new Endpoints(settings, cluster));
  const redirected = new RedirectedClient(settings, http, cluster);
  const close = () => {
    redirected.close();
    http.close();
  };
  try {
    const serverVersion = await readServerVersion(http, signal);
    if (!(await speaksV2(http, signal))) throw noV2Error(http.endpoint, serverVersion);
    const store = new V2Store(new V2Client(redirected, credentials));
    // The certificate's user may be permitted other keys than this one.
    if (!credentials && !settings.tls.client) await store.get(PROBE, { signal });
    return { store, serverVersion, endpoint: () => http.endpoint, handshake: () => http.handshake, close };
  } catch (error) {
    close();
    throw error;
  }
}
