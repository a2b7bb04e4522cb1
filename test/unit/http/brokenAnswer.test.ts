import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';

const REQUEST = { method: 'POST', path: '/v3/kv/range', body: '{}', headers: {} } as const;

describe('an answer that ends before its end', () => {
  let server: Server;
  let client: HttpClient;
  let broken = 0;

  before(async () => {
    server = createServer((_, response) => {
      response.setHeader('content-length', 4000);
      if (broken-- > 0) response.write('half of it', () => response.socket?.destroy());
      else response.end('x'.repeat(4000));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const limits = { connect: 5000, response: 5000 };
    client = new HttpClient({ endpoints: [`http://127.0.0.1:${port}`], tls: {}, limits });
  });
  after(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });

  it('is asked for once more where that does no harm', async () => {
    broken = 1;
    const { text } = await client.send({ ...REQUEST, repeatable: true });
    assert.equal(text.length, 4000);
  });

  it('leaves the fate of what may not be repeated unknown', async () => {
    broken = 1;
    await assert.rejects(
      client.send({ ...REQUEST, repeatable: false }),
      (error) => EtcdError.is(error, 'connectionLost') && error.fateUnknown,
    );
  });
});
