import type { X509Certificate } from 'node:crypto';
import { EtcdError } from '../errors.ts';
import type { Credentials, EtcdConnection } from '../etcdConnection.ts';
import { Endpoints } from '../http/endpoints.ts';
import { Http2Client } from '../http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../http/httpClient.ts';
import { withPinnedAuthorities } from '../http/serverCertificate.ts';
import { readServerVersion } from '../http/serverVersion.ts';
import type { Hierarchy } from '../keyspace/hierarchy.ts';
import { unknownFields } from '../unknownFields.ts';
import { GatewayTransport } from './gatewayTransport.ts';
import { GrpcTransport } from './grpcTransport.ts';
import { Cluster } from './rpc_pb.js';
import type { Session } from './session.ts';
import { signedInSession, type TransportName } from './signedInSession.ts';
import { V3Store } from './v3Store.ts';

export interface V3Settings extends HttpSettings {
  /** `auto`, the default: gRPC where it is spoken, else the gateway. */
  readonly transport?: TransportName | 'auto';
  /** `/` separates the segments of keys by default. */
  readonly hierarchy?: Hierarchy;
  /** Learn the members' addresses from the cluster, and use them too. */
  readonly sync?: boolean;
}

export interface V3Connection extends EtcdConnection {
  /** The endpoints that may be used: of the settings, and learned ones. */
  readonly endpoints: () => readonly string[];
  readonly session: Session;
  readonly transport: TransportName;
  /** Whether requests go through a proxy of VS Code. */
  readonly proxied: boolean;
  /** HTTP/1.1 with the same endpoints, for what is asked beside v3's API. */
  readonly http: HttpClient;
}

/**
 * Finds out which etcd answers and how, and signs in where credentials are given.
 * @throws EtcdError
 */
export async function connectV3(
  settings: V3Settings,
  credentials?: Credentials,
  signal?: AbortSignal,
): Promise<V3Connection> {
  const tls = await withPinnedAuthorities(settings.tls, settings.endpoints, settings.limits.connect);
  const endpoints = new Endpoints(settings);
  const http = new HttpClient({ ...settings, tls }, endpoints);
  const http2 = new Http2Client(settings, endpoints);
  const close = () => {
    http.close();
    http2.close();
  };
  try {
    const serverVersion = (await versionOverHttp2(settings, http2, signal)) ?? (await readServerVersion(http, signal));
    const transports = {
      grpc: new GrpcTransport(http2, { tellsEnd: tellsEnd(serverVersion) }),
      gateway: new GatewayTransport(http, apiVersion(serverVersion)),
    };
    const { transport: asked = 'auto' } = settings;
    // Only HTTP/1.1 requests take the way that VS Code has for this host.
    const wanted = asked === 'auto' && http.proxied ? 'gateway' : asked;
    const certificateName = () => commonName(endpoints.handshake?.client);
    const { session, transport } = await signedInSession(wanted, transports, credentials, certificateName, signal);
    if (settings.sync) endpoints.learn(await memberUrls(session, signal));
    return {
      store: new V3Store(session, settings.hierarchy),
      session,
      transport,
      proxied: transport === 'gateway' && http.proxied,
      http,
      serverVersion,
      endpoint: () => endpoints.current,
      handshake: () => endpoints.handshake,
      endpoints: () => endpoints.all,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Where gRPC is all that is wanted, no other way need be open; and what is trusted by its pin alone may have expired, which
 * only an HTTP/2 session of our own lets pass.
 */
async function versionOverHttp2(
  { transport, tls: { pins, certificateAuthorities } }: V3Settings,
  http2: Http2Client,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const pinAlone = pins && !certificateAuthorities && transport !== 'gateway';
  if (transport !== 'grpc' && !pinAlone) return undefined;
  try {
    return await readServerVersion(http2, signal);
  } catch (error) {
    if (EtcdError.is(error, 'cancelled', 'pinMismatch')) throw error;
    return undefined;
  }
}

async function memberUrls(session: Session, signal: AbortSignal | undefined): Promise<string[]> {
  const { members } = await session.call(
    Cluster.method.memberList,
    {},
    { repeatable: true, requireLeader: false, signal },
  );
  // A learner does not answer requests yet.
  return members.filter(({ isLearner }) => !isLearner).flatMap(({ clientURLs }) => clientURLs);
}

function commonName(certificate: X509Certificate | undefined): string | undefined {
  const { CN } = unknownFields(certificate?.toLegacyObject().subject);
  return typeof CN === 'string' ? CN : undefined;
}

/** Before, etcd answered at once, whatever it still had to tell. */
function tellsEnd(serverVersion: string): boolean {
  const [, minor = '0', patch = '0'] = /^3\.(\d+)\.(\d+)/.exec(serverVersion) ?? [];
  const since: Readonly<Record<string, number>> = { '4': 25, '5': 8 };
  return Number(minor) > 5 || Number(patch) >= (since[minor] ?? Infinity);
}

/** etcd 3.3 serves its gateway as `v3beta`, everything newer as `v3`. */
function apiVersion(serverVersion: string): string {
  return /^3\.[0-3]\./.test(serverVersion) ? 'v3beta' : 'v3';
}
