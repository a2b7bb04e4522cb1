import { EtcdError, type EtcdErrorKind } from '../errors.ts';
import type { Credentials } from '../etcdConnection.ts';
import { KV } from './rpc_pb.js';
import { Session } from './session.ts';
import type { Transport } from './transport.ts';

/** How the v3 API is spoken. */
export type TransportName = 'grpc' | 'gateway';

/** Failures that say something of the network or of what stands in between, rather than of etcd. */
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
];

/**
 * A signed-in session over gRPC where that is spoken, which its first call shows, else over the gateway.
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
    await session.signIn();
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
      // A gateway that is switched off says nothing of why gRPC failed.
      throw EtcdError.is(gatewayError, 'notEtcd') && !EtcdError.is(error, 'notEtcd') ? error : gatewayError;
    });
  }
}

/** Signs in; where nobody does, asks for nothing of interest. What etcd answers shows that it answers. */
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
