import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { connectEtcd, type EtcdSettings } from '../../../src/etcd/connect/connect.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { serverCertificates } from '../../../src/etcd/http/serverCertificate.ts';
import { certificatePins } from '../../../src/etcd/http/certificatePins.ts';
import { authority as createAuthority, selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';

const CONNECTIONS = 10;
/** Every way to speak with a server that has both stores. */
const WAYS = [
  { api: 'v2' },
  { api: 'v3', transport: 'gateway' },
  { api: 'v3', transport: 'grpc' },
  { api: 'auto', transport: 'auto' },
  { api: 'auto', transport: 'gateway' },
] as const;

for (const version of ['3.4', '3.5'] as const)
  describe(`a server that is trusted by its pin alone, etcd ${version}`, () => {
    let own: Identity;
    let other: Identity;
    let server: EtcdServer;
    const servers: EtcdServer[] = [];

    before(async () => {
      own = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
      other = await selfSigned({ commonName: 'other', names: ['127.0.0.1'] });
      server = await serve(own);
    });
    after(() => Promise.all(servers.map((each) => each.stop())));

    async function serve(tls: Identity): Promise<EtcdServer> {
      const started = await startEtcd({ tls, version, extraArgs: ['--enable-v2'] });
      servers.push(started);
      return started;
    }

    const pinOf = ({ certPem }: Identity) => certificatePins(new X509Certificate(certPem))[0];

    function settings(way: (typeof WAYS)[number], pins: readonly string[], endpoint = server.endpoint): EtcdSettings {
      return { ...settingsFor(endpoint, { tls: { pins } }), ...way };
    }

    it('shows its certificate at every look', async () => {
      for (let look = 0; look < CONNECTIONS; look++) {
        const [leaf] = (await serverCertificates(new URL(server.endpoint), undefined, 5000)) ?? [];
        assert.equal(leaf?.fingerprint256, new X509Certificate(own.certPem).fingerprint256);
      }
    });

    for (const way of WAYS) {
      const name = Object.values(way).join(', ');

      it(`is reached by each of ${CONNECTIONS} connections, which know its certificate: ${name}`, async () => {
        for (let round = 0; round < CONNECTIONS; round++) {
          const connection = await connectEtcd(settings(way, [pinOf(own)]));
          await connection.store.get(bytes('/a'));
          assert.equal(connection.handshake()?.server.subject, 'CN=etcd');
          assert.equal(connection.alsoV2, way.api === 'auto');
          connection.close();
        }
      });

      it(`is refused with its certificate at hand as often as somebody tries, and reached once that is trusted: ${name}`, async () => {
        for (const [pins, kind] of [
          [undefined, 'unknownAuthority'],
          [[pinOf(other)], 'pinMismatch'],
        ] as const)
          for (let round = 0; round < CONNECTIONS; round++) {
            const tls = pins ? { pins } : {};
            const failure = await connectEtcd({ ...settingsFor(server.endpoint, { tls }), ...way }).catch(
              (error: unknown) => error,
            );
            assert.ok(EtcdError.is(failure, kind), String(failure));
            const [leaf] = failure.rejected?.shown ?? [];
            assert.equal(leaf?.subject, 'CN=etcd');
            assert.equal(failure.rejected?.endpoint, server.endpoint);
          }
        const connection = await connectEtcd(settings(way, [pinOf(other), pinOf(own)]));
        await connection.store.get(bytes('/a'));
        connection.close();
      });

      it(`has nothing wrong with it, says the diagnosis, again and again: ${name}`, async () => {
        for (let round = 0; round < 3; round++)
          for await (const step of diagnose(settings(way, [pinOf(own)]), undefined, new AbortController().signal)) {
            assert.equal(step.outcome, 'ok', step.detail);
            if (step.name === 'Certificate shown') assert.match(step.detail, /it is pinned/);
          }
      });

      it(`is refused once its certificate has expired, and the day is named: ${name}`, async () => {
        const ours = await createAuthority('ours');
        const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
        const expired = await ours.issue({ commonName: 'etcd', names: ['elsewhere.example'], ...dates });
        const { endpoint } = await serve(expired);
        await assert.rejects(
          connectEtcd(settings(way, [pinOf(expired)], endpoint)),
          failsAs('certificateExpired', /certificate of 127\.0\.0\.1:\d+ expired on 2021-01-01/),
        );
      });
    }

    it('is shown if it is the one that was rejected, whatever the endpoints before it', async () => {
      const [dead] = await freePorts(1);
      const trusted = await serve(other);
      for (const way of WAYS) {
        const endpoints = [`https://127.0.0.1:${dead}`, server.endpoint];
        const unknown = await connectEtcd({ ...settingsFor(endpoints), ...way }).catch((error: unknown) => error);
        assert.ok(EtcdError.is(unknown, 'unknownAuthority'), String(unknown));
        assert.equal(unknown.rejected?.endpoint, server.endpoint);
        const tls = { pins: [pinOf(other)] };
        const open = await connectEtcd({ ...settingsFor([trusted.endpoint, server.endpoint], { tls }), ...way });
        await trusted.kill();
        const failure = await open.store.get(bytes('/a')).then(
          () => assert.fail('read from a server that is not pinned'),
          (error: unknown) => error,
        );
        assert.ok(EtcdError.is(failure, 'pinMismatch'), String(failure));
        assert.equal(failure.rejected?.shown[0].subject, 'CN=etcd');
        open.close();
        await trusted.restart();
      }
    });

    it('may come back with another pinned certificate while the connection is open', async () => {
      for (const way of WAYS) {
        await server.restart(own);
        const connection = await connectEtcd(settings(way, [pinOf(own), pinOf(other)]));
        await connection.store.get(bytes('/a'));
        await server.restart(other);
        await connection.store.get(bytes('/a'));
        assert.equal(connection.handshake()?.server.subject, 'CN=other');
        connection.close();
      }
    });
  });
