import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Http2Client } from '../../../src/etcd/http/http2Client.ts';
import { HttpClient, type HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { V2Client } from '../../../src/etcd/v2/v2Client.ts';
import { RedirectedClient } from '../../../src/etcd/v2/redirectedClient.ts';
import { v2Watch } from '../../../src/etcd/v2/v2Watch.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { GrpcTransport } from '../../../src/etcd/v3/transport/grpcTransport.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { startFaultProxy, type Fault, type FaultPhase, type FaultProxy } from '../../fixtures/faultProxy.ts';
import { bytes, text } from '../connecting.ts';
import { failOnUncaught } from '../uncaught.ts';
import { followed } from './followed.ts';

const PHASES: readonly FaultPhase[] = ['idle', 'headers', 'connect', 'handshake'];
const FAULTS: readonly Fault[] = ['pause', 'cut', 'corrupt', 'trickle'];
const TRANSPORTS = ['grpc', 'gateway', 'v2'] as const;
const LIMITS = { connect: 1_000, response: 3_000 };
/** Milliseconds after which a watch looks whether its connection is alive. */
const SILENCE = 300;
/** A trickled event of v2 takes longer than this, although its parts do not. */
const V2_SILENCE = 1_000;

/** Returns the value of a watch's n-th event. The fifth comes in many parts. */
const valueOf = (n: number) => (n === 4 ? 'x'.repeat(400_000) : String(n));

for (const secure of [false, true])
  describe(`watches over a network that fails, ${secure ? 'with' : 'without'} TLS`, () => {
    let tls: Identity;
    let server: EtcdServer;
    let folders = 0;

    before(async function () {
      this.timeout('5m');
      tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
      server = await startEtcd({ version: '3.5', ...(secure && { tls }), extraArgs: ['--enable-v2'] });
    });
    after(() => server?.stop());
    failOnUncaught();

    /** Opens a store whose watches notice silence early. */
    function open(
      transport: (typeof TRANSPORTS)[number],
      endpoints: readonly string[],
    ): { store: Pick<KeyStore, 'watch'>; close(): void } {
      const settings: HttpSettings = {
        endpoints,
        tls: secure ? { certificateAuthorities: [tls.certPem] } : {},
        limits: LIMITS,
      };
      const client = transport === 'grpc' ? new Http2Client(settings, undefined, SILENCE) : new HttpClient(settings);
      const close = () => client.close();
      if (client instanceof Http2Client)
        return { store: new V3Store(new Session(new GrpcTransport(client), undefined)), close };
      if (transport === 'gateway') {
        const gateway = new GatewayTransport(client, 'v3', 60_000, SILENCE);
        return { store: new V3Store(new Session(gateway, undefined)), close };
      }
      const v2 = new V2Client(new RedirectedClient(settings, client), undefined);
      return { store: { watch: (range, options) => v2Watch(v2, range, options, V2_SILENCE) }, close };
    }

    /** Opens a store of the same keys that is not behind a proxy. */
    function directTo(transport: (typeof TRANSPORTS)[number]) {
      const settings: HttpSettings = {
        endpoints: [server.endpoint],
        tls: secure ? { certificateAuthorities: [tls.certPem] } : {},
        limits: { connect: 20_000, response: 20_000 },
      };
      const http = new HttpClient(settings);
      const v3 = new V3Store(new Session(new GatewayTransport(http, 'v3'), undefined));
      const v2 = new V2Client(new RedirectedClient(settings, http), undefined);
      return {
        put: async (key: string, value: string) => {
          if (transport === 'v2') await v2.call({ method: 'PUT', path: key, parameters: { value }, expected: [] });
          else await v3.put(bytes(key), bytes(value), 'absent');
        },
        close: () => http.close(),
      };
    }

    async function proxies(size: number): Promise<FaultProxy[]> {
      return await Promise.all(
        Array.from({ length: size }, () => startFaultProxy(server.port, secure ? 'https' : 'http')),
      );
    }

    /** Spoils a watch in one phase while keys are written, heals it, and checks what it reported. */
    async function spoil(transport: (typeof TRANSPORTS)[number], size: number, fault: Fault, phase: FaultPhase) {
      const folder = `/f/${folders++}/`;
      const direct = directTo(transport);
      const all = await proxies(size);
      const [spoiling] = all;
      assert.ok(spoiling);
      const { store, close } = open(
        transport,
        all.map(({ endpoint }) => endpoint),
      );
      const watching = followed(store, prefixRange(bytes(folder)));
      let written = 0;
      const write = async () => {
        for (let n = 0; n < 3; n++) await direct.put(`${folder}${written}`, valueOf(written++));
      };
      try {
        await watching.stands();
        await write();
        spoiling.fail(phase, fault);
        await write();
        await delay(2 * SILENCE);
        await write();
        spoiling.heal();
        await write();
        const told = await watching.until(written);
        assert.deepEqual(
          told.map((event) => event.kind === 'put' && text(event.kv.value)),
          Array.from({ length: written }, (_, index) => valueOf(index)),
          phase,
        );
        for (const { message } of watching.interruptions) assert.doesNotMatch(message, /\(ERR_|unexpected/, phase);
      } finally {
        await watching.stop();
        close();
        direct.close();
        for (const proxy of all) proxy.close();
      }
    }

    for (const transport of TRANSPORTS)
      for (const size of secure ? [1] : [1, 3])
        for (const fault of FAULTS)
          it(`miss nothing and tell nothing twice by ${transport} with ${size} endpoint(s) where it is spoiled by ${fault}`, async function () {
            this.timeout('3m');
            await Promise.all(PHASES.map((phase) => spoil(transport, size, fault, phase)));
          });
  });
