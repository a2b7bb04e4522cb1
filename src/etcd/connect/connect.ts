import { refusingAccounts, type AccountAdmin } from '../accounts/accountAdmin.ts';
import { refusingCluster, type ClusterAdmin } from '../cluster/clusterAdmin.ts';
import { EtcdError } from '../errors.ts';
import type { HttpClient, HttpSettings } from '../http/httpClient.ts';
import { lockingStore } from '../lockedKeys.ts';
import { readOnlyError, readOnlyStore } from '../readOnlyStore.ts';
import { KeyGlobs } from '../search/keyGlobs.ts';
import { connectV2 } from '../v2/connectV2.ts';
import { speaksV2 } from '../v2/v2Members.ts';
import { connectV3, type V3Settings } from './connectV3.ts';
import type { Credentials, EtcdConnection } from '../http/etcdConnection.ts';
import type { TransportName } from '../v3/signedInSession.ts';

export type Api = 'v2' | 'v3';

export interface EtcdSettings extends V3Settings {
  readonly api: Api | 'auto';
  /** Refuse every write before it is sent, or those of keys that a glob of the list matches. */
  readonly readOnly?: boolean | readonly string[];
  /** Globs of the keys that are not listed. */
  readonly hidden?: readonly string[];
}

export interface OpenEtcd extends EtcdConnection {
  readonly endpoints?: () => readonly string[];
  /** Announced addresses that are not used, because the user has not allowed them. */
  readonly unusedEndpoints?: () => readonly string[];
  /** See V3Connection. */
  readonly membersAreHidden?: boolean;
  /** Operations of the cluster; v2 has none. */
  readonly cluster?: () => Promise<ClusterAdmin>;
  /** The users and roles of v3. */
  readonly accounts?: () => Promise<AccountAdmin>;
  /** Keys that the tree does not show. */
  readonly hidden?: KeyGlobs;
  /** The transport of v3's messages. */
  readonly transport?: TransportName;
  readonly proxied?: boolean;
  /** Name of the tunnel that leads to it. */
  readonly tunnel?: string | undefined;
  readonly api: Api;
  /** True if the server also serves v2 keys, which are a store of their own. */
  readonly alsoV2: boolean;
}

/**
 * Connects with the API in the settings; `auto` uses v3 if the server has it, otherwise v2.
 * @throws EtcdError
 */
export async function connectEtcd(
  settings: EtcdSettings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<OpenEtcd> {
  const connection = await connectByApi(settings, credentials, signal);
  try {
    return limited(connection, settings);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Applies the settings about keys to a connection. @throws EtcdError `configuration` */
function limited(open: OpenEtcd, { readOnly = false, hidden = [] }: EtcdSettings): OpenEtcd {
  const { hierarchy } = open.store;
  const connection = hidden.length > 0 ? { ...open, hidden: new KeyGlobs('hidden', hidden, hierarchy, false) } : open;
  const { store, cluster, accounts } = connection;
  if (typeof readOnly !== 'boolean')
    return { ...connection, store: lockingStore(store, new KeyGlobs('readOnly', readOnly, hierarchy, true)) };
  if (!readOnly) return connection;
  const reading = cluster && { cluster: async () => refusingCluster(await cluster(), readOnlyError) };
  const listing = accounts && { accounts: async () => refusingAccounts(await accounts(), readOnlyError) };
  return { ...connection, store: readOnlyStore(store), ...reading, ...listing };
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
    // An etcd without the v3 API, or with its gateway off, answers like this.
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
  return { ...(await connectV2(settings, credentials, signal)), api: 'v2', alsoV2: false };
}

/** Whether v2 answers too. This is optional: if the request fails, the connection still succeeds. */
async function alsoSpeaksV2(http: HttpClient, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return await speaksV2(http, signal);
  } catch (error) {
    if (EtcdError.is(error)) return false;
    throw error;
  }
}
