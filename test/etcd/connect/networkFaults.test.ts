import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { Endpoints } from '../../../src/etcd/http/endpoints.ts';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { V2Client } from '../../../src/etcd/v2/v2Client.ts';
import { RedirectedClient } from '../../../src/etcd/v2/redirectedClient.ts';
import { V2Store } from '../../../src/etcd/v2/v2Store.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { startFaultProxy, type Fault, type FaultPhase, type FaultProxy } from '../../fixtures/faultProxy.ts';
import { bytes } from '../connecting.ts';
import { failOnUncaught } from '../uncaught.ts';

const PHASES: readonly FaultPhase[] = ['connect', 'handshake', 'headers', 'body', 'idle'];
const FAULTS: readonly Fault[] = ['pause', 'cut', 'corrupt', 'trickle'];
const TRANSPORTS = ['grpc', 'gateway', 'v2'] as const;
const LIMITS = { connect: 1_000, response: 6_000 };
const PING = 300;
/** Milliseconds that a busy machine may take in addition to the time limits. */
const SLACK = 4_000;
/** Words for what the network did; sentences must have one. */
const SENTENCES = /lost|within|TLS|HTTP|answer|endpoints/;

for (const secure of [false, true])
  describe(`reads over a network that fails, ${secure ? 'with' : 'without'} TLS`, () => {
    let tls: Identity;
    let server: EtcdServer;

    before(async function () {
      this.timeout('5m');
      tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
      server = await startEtcd({ version: '3.4', ...(secure && { tls }), extraArgs: ['--enable-v2'] });
      const { store, close } = open('v2', [server.endpoint]);
      await store.put(bytes('/large'), bytes('x'.repeat(400_000)), 'absent');
      await store.put(bytes('/small'), bytes('1'), 'absent');
      close();
      await server.etcdctl(['put', '/large'], { input: 'x'.repeat(400_000) });
      await server.etcdctl(['put', '/small', '1']);
    });
    after(() => server?.stop());
    failOnUncaught();

    function open(
      transport: (typeof TRANSPORTS)[number],
      endpoints: readonly string[],
    ): { store: KeyStore; close(): void } {
      const settings: HttpSettings = {
        endpoints,
        tls: secure ? { certificateAuthorities: [tls.certPem] } : {},
        limits: LIMITS,
      };
      const shared = new Endpoints(settings);
      if (transport === 'grpc') {
        const client = new Http2Client(settings, shared, PING);
        return { store: new V3Store(new Session(new GrpcTransport(client), undefined)), close: () => client.close() };
      }
      const client = new HttpClient(settings, shared);
      const close = () => client.close();
      if (transport === 'gateway')
        return { store: new V3Store(new Session(new GatewayTransport(client, 'v3'), undefined)), close };
      return { store: new V2Store(new V2Client(new RedirectedClient(settings, client), undefined)), close };
    }

    async function proxies(size: number): Promise<FaultProxy[]> {
      return await Promise.all(
        Array.from({ length: size }, () => startFaultProxy(server.port, secure ? 'https' : 'http')),
      );
    }

    /** Returns the outcome of a read, and how long it took. */
    async function outcomeOf(store: KeyStore, key: string): Promise<{ outcome: string; milliseconds: number }> {
      const began = performance.now();
      const outcome = await store.get(bytes(key)).then(
        ({ kv }) => (kv ? 'read' : 'absent'),
        (error: unknown) => (EtcdError.is(error) ? `${error.kind}: ${error.message}` : String(error)),
      );
      return { outcome, milliseconds: performance.now() - began };
    }

    for (const transport of TRANSPORTS)
      for (const size of [1, 3])
        for (const fault of FAULTS)
          it(`go on by ${transport} with ${size} endpoint(s) where it is spoiled by ${fault}`, async function () {
            this.timeout('3m');
            for (const phase of PHASES)
              for (const once of [true, false]) {
                const [spoiling, ...others] = await proxies(size);
                assert.ok(spoiling);
                const all = [spoiling, ...others];
                const { store, close } = open(
                  transport,
                  all.map(({ endpoint }) => endpoint),
                );
                try {
                  await store.get(bytes('/small'));
                  spoiling.fail(phase, fault, once);
                  if (phase === 'idle') await delay(20);
                  const { outcome, milliseconds } = await outcomeOf(store, phase === 'body' ? '/large' : '/small');
                  const what = `${phase}, ${once ? 'once' : 'until it is healed'}: ${outcome} after ${Math.round(milliseconds)} ms`;
                  if (once || size > 1 || fault === 'trickle') assert.equal(outcome, 'read', what);
                  else if (outcome !== 'read') assert.match(outcome, SENTENCES, what);
                  assert.doesNotMatch(outcome, /\(ERR_|unexpected/, what);
                  // An answer that keeps coming has no time limit.
                  if (fault !== 'trickle') assert.ok(milliseconds < LIMITS.response + SLACK, what);
                  spoiling.heal();
                  assert.equal((await outcomeOf(store, '/small')).outcome, 'read', `afterwards: ${what}`);
                } finally {
                  close();
                  for (const proxy of all) proxy.close();
                }
              }
          });
  });
