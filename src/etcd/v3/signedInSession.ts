import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { Credentials } from '../http/etcdConnection.ts';
import { KV } from './transport/rpc_pb.js';
import { Session } from './session.ts';
import type { Transport } from './transport/transport.ts';

/** Ways to speak the v3 API. */
export type TransportName = 'grpc' | 'gateway';

/** Failures that are about the network or a proxy rather than about etcd. */
const NOT_REACHED: readonly EtcdErrorKind[] = [
  'refused',
  'unresolved',
  'timedOut',
  'connectionLost',
  'unknownAuthority',
  'wrongHostName',
  'certificateExpired',
  'clientCertificateRefused',
  'tlsFailed',
  'plainToTls',
  'tlsToPlain',
  'notEtcd',
  'unavailable',
];

/**
 * Opens a session over gRPC if its first call succeeds, otherwise over the gateway, and signs in.
 * @throws EtcdError of the sign-in
 */
export async function signedInSession(
  wanted: TransportName | 'auto',
  transports: Readonly<Record<TransportName, Transport>>,
  credentials: Credentials | undefined,
  certificateName: () => string | undefined,
  signal?: AbortSignal,
): Promise<{ session: Session; transport: TransportName }> {
  const gateway = async () => {
    const session = new Session(transports.gateway, credentials);
    await firstCall(session, signal);
    return { session, transport: 'gateway' } as const;
  };
  if (wanted === 'gateway') return await gateway();
  const session = new Session(transports.grpc, credentials, certificateName);
  try {
    await firstCall(session, signal);
    return { session, transport: 'grpc' };
  } catch (error) {
    if (wanted === 'grpc' || !EtcdError.is(error, ...NOT_REACHED)) throw error;
    return await gateway().catch((gatewayError: unknown) => {
      // A gateway that is off does not explain why gRPC failed.
      throw EtcdError.is(gatewayError, 'notEtcd') && !EtcdError.is(error, 'notEtcd') ? error : gatewayError;
    });
  }
}

/** Signs in or, without credentials, makes a harmless call; an answer of etcd shows that this way works. */
async function firstCall(session: Session, signal: AbortSignal | undefined): Promise<void> {
  await session.signIn();
  if (session.username !== undefined) return;
  const request = { key: Uint8Array.of(0), countOnly: true, serializable: true };
  try {
    await session.call(KV.method.range, request, { repeatable: true, requireLeader: false, signal });
  } catch (error) {
    if (EtcdError.is(error, 'cancelled', ...NOT_REACHED)) throw error;
  }
}
