import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { connectEtcd, type EtcdSettings } from '../../src/etcd/connect/connect.ts';
import { certificatePins } from '../../src/etcd/http/certificatePins.ts';
import type { TlsIdentity } from '../../src/etcd/http/tlsIdentity.ts';
import { bytes, settingsFor } from '../etcd/connecting.ts';
import { authority, type Authority, type Identity } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';

const READS = 20;
/** VS Code's look at the route may take one for itself; the others are kept. */
const MAX_CONNECTIONS = 2;

/** Addresses of this machine: VS Code treats only the first as local. */
for (const host of ['127.0.0.1', '127.0.0.2'])
  describe(`requests over HTTP/1.1 to ${host}`, () => {
    let ca: Authority;
    let identity: Identity;
    let plain: EtcdServer;
    let secure: EtcdServer;

    before(async function () {
      this.timeout('1m');
      ca = await authority('private');
      identity = await ca.issue({ commonName: 'etcd', names: [host] });
      plain = await startEtcd({ host, extraArgs: ['--enable-v2'] });
      secure = await startEtcd({ host, tls: identity, extraArgs: ['--enable-v2'] });
    });
    after(async () => {
      await plain?.stop();
      await secure?.stop();
    });

    /** Reads keys one after the other, and returns how many connections that opened. */
    async function connectionsOf(
      server: EtcdServer,
      settings: Pick<EtcdSettings, 'api' | 'transport'>,
      tls?: TlsIdentity,
    ) {
      let opened = 0;
      const port: Server = createServer((socket) => {
        opened++;
        const target = connect(server.port, host);
        socket.pipe(target).pipe(socket);
        socket.on('error', () => target.destroy());
        target.on('error', () => socket.destroy());
      });
      await new Promise<void>((resolve) => port.listen(0, host, resolve));
      const endpoint = `${tls ? 'https' : 'http'}://${host}:${(port.address() as AddressInfo).port}`;
      const { store, close } = await connectEtcd({ ...settingsFor(endpoint), ...settings, ...(tls && { tls }) });
      try {
        await store.get(bytes('/kept'));
        const before = opened;
        for (let at = 0; at < READS; at++) await store.get(bytes('/kept'));
        return opened - before;
      } finally {
        close();
        port.close();
      }
    }

    const ways: readonly (readonly [name: string, settings: Pick<EtcdSettings, 'api' | 'transport'>])[] = [
      ['the gateway', { api: 'v3', transport: 'gateway' }],
      ['v2', { api: 'v2' }],
    ];
    for (const [name, settings] of ways) {
      it(`keep their connections by ${name}`, async () => {
        assert.ok((await connectionsOf(plain, settings)) <= MAX_CONNECTIONS);
      });
      it(`keep their connections by ${name} with an authority`, async () => {
        const tls = { certificateAuthorities: [ca.certPem] };
        assert.ok((await connectionsOf(secure, settings, tls)) <= MAX_CONNECTIONS);
      });
      it(`keep their connections by ${name} with a pin`, async () => {
        const tls = { pins: [certificatePins(new X509Certificate(identity.certPem))[0]] };
        assert.ok((await connectionsOf(secure, settings, tls)) <= MAX_CONNECTIONS);
      });
    }
  });
