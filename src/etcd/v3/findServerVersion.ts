import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { Http2Client } from '../http/http2Client.ts';
import type { HttpClient } from '../http/httpClient.ts';
import { readServerVersion } from '../http/serverVersion.ts';
import { GrpcTransport } from './transport/grpcTransport.ts';
import { Maintenance } from './transport/rpc_pb.js';
import type { TransportName } from './signedInSession.ts';

/** Stands for a version that etcd does not report to this user. */
export const UNKNOWN_VERSION = '';

/** Failures of a port that speaks only gRPC, or of a proxy that routes only gRPC. */
const PERHAPS_GRPC_ALONE: readonly EtcdErrorKind[] = [
  'notEtcd',
  'connectionLost',
  'timedOut',
  'tlsFailed',
  'unexpected',
  // A proxy without a target for HTTP/1.1 answers like this.
  'unavailable',
];
/** Failures of an etcd that reports its status only to root. */
const REFUSED_BY_ETCD: readonly EtcdErrorKind[] = [
  'permissionDenied',
  'signInNeeded',
  'wrongPassword',
  'tokenRejected',
];

/**
 * Finds the version of the etcd that answers: from `/version`, or else from its gRPC status call, because some ports
 * speak only gRPC.
 * @returns `UNKNOWN_VERSION` if etcd answers but does not report its version to this user
 * @throws EtcdError why `/version` cannot be read, if gRPC is not spoken either
 */
export async function findServerVersion(
  transport: TransportName | 'auto',
  http: HttpClient,
  http2: Http2Client,
  signal?: AbortSignal,
): Promise<string> {
  // If only gRPC is wanted, no other way needs to be open.
  const first = transport === 'grpc' ? http2 : http;
  try {
    return await readServerVersion(first, signal);
  } catch (error) {
    if (transport === 'gateway' || http.proxied || !EtcdError.is(error, ...PERHAPS_GRPC_ALONE)) throw error;
    const version = await versionByGrpc(http2, signal);
    if (version === undefined) throw error;
    return version;
  }
}

/** @returns undefined if no etcd answers by gRPC */
async function versionByGrpc(http2: Http2Client, signal: AbortSignal | undefined): Promise<string | undefined> {
  const grpc = new GrpcTransport(http2);
  try {
    const { version } = await grpc.unary(
      Maintenance.method.status,
      {},
      { repeatable: true, requireLeader: false, signal },
    );
    return version;
  } catch (error) {
    if (EtcdError.is(error, 'cancelled')) throw error;
    const isEtcd =
      EtcdError.is(error, ...REFUSED_BY_ETCD) || (EtcdError.is(error, 'unexpected') && error.notCarriedOut);
    return isEtcd ? UNKNOWN_VERSION : undefined;
  }
}
