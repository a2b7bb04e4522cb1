import type { X509Certificate } from 'node:crypto';
import type { AccountAdmin } from '../accounts/accountAdmin.ts';
import type { ClusterAdmin } from '../cluster/clusterAdmin.ts';
import { EtcdError } from '../errors.ts';
import type { Credentials, EtcdConnection } from '../http/etcdConnection.ts';
import { Endpoints } from '../http/endpoints.ts';
import { Http2Client } from '../http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../http/httpClient.ts';
import { isPeerPort, peerPortSentence } from '../http/peerPort.ts';
import type { Hierarchy } from '../keys/hierarchy.ts';
import { unknownFields } from '../unknownFields.ts';
import { GatewayTransport } from '../v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../v3/transport/grpcTransport.ts';
import { Cluster } from '../v3/transport/rpc_pb.js';
import { findServerVersion } from '../v3/findServerVersion.ts';
import type { Session } from '../v3/session.ts';
import { signedInSession, type TransportName } from '../v3/signedInSession.ts';
import { V3Store } from '../v3/v3Store.ts';

export interface V3Settings extends HttpSettings {
  /** `auto`, the default: gRPC if the server speaks it, otherwise the gateway. */
  readonly transport?: TransportName | 'auto';
  /** How keys are divided into segments; by `/` unless given. */
  readonly hierarchy?: Hierarchy;
  /** Ask the cluster for its members' addresses, and use them too. */
  readonly sync?: boolean;
  /** Origins that serve the members' metrics in place of the endpoints; none by default. */
  readonly metricsOrigins?: readonly string[];
}

export interface V3Connection extends EtcdConnection {
  /** Returns the endpoints that may be used: those of the settings, and learned ones. */
  readonly endpoints: () => readonly string[];
  /** Returns announced addresses that are not used, because the user has not allowed them. */
  readonly unusedEndpoints: () => readonly string[];
  /** True if etcd does not show its members to this user, although they were to be learned. */
  readonly membersAreHidden: boolean;
  readonly session: Session;
  /** Operations of the cluster; loaded on demand. */
  readonly cluster: () => Promise<ClusterAdmin>;
  /** Its users and roles. */
  readonly accounts: () => Promise<AccountAdmin>;
  readonly transport: TransportName;
  /** Whether requests go through a proxy of VS Code. */
  readonly proxied: boolean;
  /** HTTP/1.1 with the same endpoints, for requests outside of v3's API. */
  readonly http: HttpClient;
}

/** Limit of learned addresses; clusters have at most a dozen members. */
const MAX_LEARNED = 100;

/**
 * Finds out which etcd answers and how, and signs in if there are credentials.
 * @throws EtcdError
 */
export async function connectV3(
  settings: V3Settings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<V3Connection> {
  const endpoints = new Endpoints(settings);
  const http = new HttpClient(settings, endpoints);
  const http2 = new Http2Client(settings, endpoints);
  const close = () => {
    http.close();
    http2.close();
  };
  let isOpen = false;
  try {
    const serverVersion = await findServerVersion(settings.transport ?? 'auto', http, http2, signal);
    const transports = {
      grpc: new GrpcTransport(http2, { tellsEnd: tellsEnd(serverVersion) }),
      gateway: new GatewayTransport(http, apiVersion(serverVersion)),
    };
    const { transport: asked = 'auto' } = settings;
    // Only HTTP/1.1 requests can use VS Code's proxy for this host.
    const wanted = asked === 'auto' && http.proxied ? 'gateway' : asked;
    const certificateName = () => commonName(endpoints.handshake?.client);
    const { session, transport } = await signedInSession(wanted, transports, credentials, certificateName, signal);
    const membersAreHidden = settings.sync === true && !(await learnMembers(session, endpoints, signal));
    isOpen = true;
    return {
      store: new V3Store(session, settings.hierarchy),
      session,
      transport,
      cluster: async () => {
        const { V3Cluster } = await import('../cluster/v3Cluster.ts');
        const { metricsOrigins } = settings;
        return new V3Cluster({ session, endpoints, transport, apiVersion: apiVersion(serverVersion), metricsOrigins });
      },
      accounts: async () => {
        const { V3Accounts } = await import('../accounts/v3Accounts.ts');
        return new V3Accounts(session);
      },
      proxied: transport === 'gateway' && http.proxied,
      http,
      serverVersion,
      endpoint: () => endpoints.current,
      handshake: () => endpoints.handshake,
      endpoints: () => endpoints.all,
      unusedEndpoints: () => endpoints.unused,
      membersAreHidden,
      close,
    };
  } catch (error) {
    if (EtcdError.is(error, 'notEtcd') && (await isPeerPort(http, signal)))
      throw new EtcdError('notEtcd', peerPortSentence(http.endpoint), { cause: error });
    throw error;
  } finally {
    if (!isOpen) close();
  }
}

/** @returns false if the user may not list the members, which some versions show only to root */
async function learnMembers(session: Session, endpoints: Endpoints, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    endpoints.learn(await memberUrls(session, signal));
    return true;
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    return false;
  }
}

async function memberUrls(session: Session, signal: AbortSignal | undefined): Promise<string[]> {
  const { members } = await session.call(
    Cluster.method.memberList,
    {},
    { repeatable: true, requireLeader: false, signal },
  );
  // A learner does not answer requests yet.
  return members
    .filter(({ isLearner }) => !isLearner)
    .flatMap(({ clientURLs }) => clientURLs)
    .slice(0, MAX_LEARNED);
}

function commonName(certificate: X509Certificate | undefined): string | undefined {
  const { CN } = unknownFields(certificate?.toLegacyObject().subject);
  return typeof CN === 'string' ? CN : undefined;
}

/** Whether this version reports that a watch has caught up; earlier ones answered immediately, whatever was left. */
function tellsEnd(serverVersion: string): boolean {
  const [, minor = '0', patch = '0'] = /^3\.(\d+)\.(\d+)/.exec(serverVersion) ?? [];
  const since: Readonly<Record<string, number>> = { '4': 25, '5': 8 };
  return Number(minor) > 5 || Number(patch) >= (since[minor] ?? Infinity);
}

/** Returns the gateway's path segment: `v3beta` for etcd 3.3, `v3` for newer ones. */
function apiVersion(serverVersion: string): string {
  return /^3\.[0-3]\./.test(serverVersion) ? 'v3beta' : 'v3';
}
