import assert from 'node:assert/strict';
import { HttpClient } from '../../../src/etcd/http/httpClient.ts';
import { V2Client } from '../../../src/etcd/v2/v2Client.ts';
import { RedirectedClient } from '../../../src/etcd/v2/redirectedClient.ts';
import { V2Store } from '../../../src/etcd/v2/v2Store.ts';
import { Session } from '../../../src/etcd/v3/session.ts';
import { GatewayTransport } from '../../../src/etcd/v3/transport/gatewayTransport.ts';
import { V3Store } from '../../../src/etcd/v3/v3Store.ts';
import { startStandIn } from '../../etcd/standIn.ts';

const limits = { connect: 10_000, response: 10_000 };

describe('a page in place of an answer', () => {
  for (const api of ['gateway', 'v2'])
    for (const status of [200, 404])
      it(`sends reads to the next endpoint (${api}, HTTP ${status})`, async () => {
        const page = await startStandIn((_, response) => {
          response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Not here</html>');
        });
        const etcd = await startStandIn((_, response) => {
          response.writeHead(200, {
            'content-type': 'application/json',
            'x-etcd-cluster-id': 'a',
            'x-etcd-index': '1',
          });
          response.end(
            api === 'v2'
              ? '{"node":{"key":"/x","value":"1","modifiedIndex":1,"createdIndex":1},"members":[]}'
              : '{"header":{"cluster_id":"10"}}',
          );
        });
        const settings = { endpoints: [page.endpoint, etcd.endpoint], tls: {}, limits };
        for (const question of ['get', 'clusterId'] as const) {
          const client = new HttpClient(settings);
          const store =
            api === 'v2'
              ? new V2Store(new V2Client(new RedirectedClient(settings, client), undefined))
              : new V3Store(new Session(new GatewayTransport(client, 'v3'), undefined));
          assert.ok(await (question === 'get' ? store.get(new TextEncoder().encode('/x')) : store.clusterId()));
          assert.equal(client.endpoint, etcd.endpoint);
          client.close();
        }
        await page.close();
        await etcd.close();
      });
});
