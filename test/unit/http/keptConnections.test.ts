import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { certificatePins } from '../../../src/etcd/http/certificatePins.ts';
import type { TlsIdentity } from '../../../src/etcd/http/tlsIdentity.ts';
import { selfSigned } from '../../fixtures/certificates.ts';

describe('requests over TLS, one after another', () => {
  it('share one connection, whatever says what is trusted', async () => {
    const own = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    const [pin] = certificatePins(new X509Certificate(own.certPem));
    const trusting: readonly TlsIdentity[] = [{ certificateAuthorities: [own.certPem] }, { pins: [pin] }];
    for (const tls of trusting) {
      const used = new Set<unknown>();
      const server = createServer({ cert: own.certPem, key: own.keyPem }, (request, response) => {
        used.add(request.socket);
        request.resume().on('end', () => response.end('{}'));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const limits = { connect: 10_000, response: 10_000 };
      const client = new HttpClient({ endpoints: [`https://127.0.0.1:${port}`], tls, limits });
      for (let count = 0; count < 5; count++)
        await client.send({ method: 'POST', path: '/v3/kv/range', body: '{}', repeatable: true });
      client.close();
      server.close();
      assert.equal(used.size, 1);
    }
  });
});
