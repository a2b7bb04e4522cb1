import assert from 'node:assert/strict';
import { demoKeyspace } from '../../../../scripts/demo/keyspace.ts';
import { lookOf } from '../../../../src/views/keys/layouts/layouts.ts';

/** A path, what it is, and what its value says, if there is one. */
type Case = readonly [path: string, what: string | undefined, value?: string, says?: string];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  Kubernetes: [
    ['/registry/pods/default/web', 'Pod'],
    ['/registry/minions/node-1', 'Node'],
    ['/registry/services/specs/default/web', 'Service'],
    ['/registry/services/endpoints/default/web', 'Endpoints'],
    ['/registry/apiregistration.k8s.io/apiservices/v1.apps', 'APIService'],
  ],
  Patroni: [
    ['/service/batman/', 'PostgreSQL cluster'],
    ['/service/batman/leader', 'leader lock', 'pg-1', 'pg-1 is the leader.'],
    [
      '/service/batman/members/pg-1',
      'member',
      '{"conn_url":"postgres://10.0.0.1:5432/postgres","state":"running","role":"master","version":"3.3.0","timeline":7}',
      'master, running, 3.3.0, timeline 7',
    ],
    [
      '/service/batman/config',
      'dynamic configuration',
      '{"ttl":30,"loop_wait":10}',
      'time to live 30 s, checked every 10 s',
    ],
    ['/service/batman/optime/leader', 'position in the log', '67108864', 'The leader is at 67108864.'],
    ['/service/batman/status', 'position in the log', '{"optime":67108864}', 'The leader is at 67108864.'],
    ['/service/batman/sync', 'synchronous replication', '{"leader":"pg-1","sync_standby":"pg-2"}', 'pg-1 → pg-2'],
    ['/service/batman/failover', 'requested switchover', '{"leader":"pg-1","member":"pg-2"}', 'pg-1 → pg-2'],
    ['/service/batman/initialize', 'system identifier of the database'],
    ['/service/batman/history', 'history of failovers'],
    ['/service/batman/failsafe', 'members for failsafe mode'],
  ],
  'Apache APISIX': [
    ['/apisix/', 'API gateway'],
    [
      '/apisix/routes/1',
      'route',
      '{"methods":["GET"],"uri":"/api","upstream":{"nodes":{"10.0.0.1:80":1,"10.0.0.2:80":1,"10.0.0.3:80":1}}}',
      'GET /api → 3 nodes',
    ],
    ['/apisix/upstreams/1', 'upstream', '{"type":"roundrobin","nodes":[{"host":"a","port":80}]}', 'roundrobin, 1 node'],
    ['/apisix/consumers/jack', 'consumer', '{"username":"jack","plugins":{"key-auth":{"key":"secret"}}}', 'jack'],
    ['/apisix/ssls/1', 'certificate', '{"snis":["a.example","b.example"],"key":"secret"}', 'a.example, b.example'],
    ['/apisix/global_rules/1', 'global rule', '{"plugins":{"prometheus":{}}}', 'prometheus'],
    ['/apisix/routes', 'routes', 'init_dir', 'Marks a folder.'],
    ['/apisix/plugin_configs/', 'plugin configs'],
  ],
  Traefik: [
    ['traefik/http/routers/web/', 'router'],
    ['traefik/http/routers/web/rule', 'rule of web', 'Host(`a.example`)', 'Host(`a.example`)'],
    ['traefik/http/routers/web/entrypoints/0', 'entry point', 'websecure', 'websecure'],
    [
      'traefik/http/services/web/loadbalancer/servers/0/url',
      'address of a server',
      'http://10.0.0.1',
      'http://10.0.0.1',
    ],
    ['traefik/http/middlewares/auth/basicauth/users/0', 'option of a middleware'],
    ['/traefik/http/routers/web/', 'router'],
    ['traefik/tls/options/default/minversion', 'TLS option'],
  ],
  'CoreDNS, SkyDNS': [
    ['/skydns/local/cluster/', 'cluster.local'],
    [
      '/skydns/local/cluster/web',
      'web.cluster.local',
      '{"host":"10.0.0.7","ttl":60}',
      'web.cluster.local A 10.0.0.7, time to live 60 s',
    ],
    ['/skydns/local/x6', 'x6.local', '{"host":"fe80::1","port":80}', 'x6.local AAAA fe80::1, port 80'],
    ['/skydns/local/alias', 'alias.local', '{"host":"web.cluster.local"}', 'alias.local CNAME web.cluster.local'],
    ['/skydns/local/note', 'note.local', '{"text":"hello"}', 'TXT hello'],
    ['/skydns/local/broken', 'broken.local'],
  ],
  Vitess: [
    ['/vitess/global/cells/zone1/CellInfo', 'cell'],
    ['/vitess/global/keyspaces/commerce/Keyspace', 'keyspace'],
    ['/vitess/global/keyspaces/commerce/shards/-80/Shard', 'shard'],
    ['/vitess/global/keyspaces/commerce/VSchema', 'schema for routing'],
    ['/vitess/zone1/tablets/zone1-0000000100/Tablet', 'tablet'],
    ['/vitess/zone1/SrvVSchema', 'served schema'],
    ['/vitess/zone1/keyspaces/commerce/SrvKeyspace', 'served keyspace'],
    ['/vitess/zone1/keyspaces/commerce/shards/-80/ShardReplication', 'replication of a shard'],
    ['/vitess/global/RoutingRules', 'routing rules'],
  ],
  Milvus: [
    ['by-dev/meta/root-coord/', 'metadata of collections'],
    ['by-dev/meta/root-coord/collection/449', 'collection'],
    ['by-dev/meta/root-coord/database/collection-info/1/449', 'collection'],
    ['by-dev/meta/root-coord/partitions/449/450', 'partition'],
    ['by-dev/meta/root-coord/credential/users/root', 'user or role'],
    ['by-dev/meta/snapshots/root-coord/fields/449/100_ts449', 'field'],
  ],
  Cilium: [
    ['cilium/', 'container network'],
    ['cilium/.heartbeat', 'heartbeat', '2026-11-29T10:00:00Z', '2026-11-29T10:00:00Z'],
    ['cilium/state/identities/v1/id/12345', 'identity', 'k8s:app=web;', 'k8s:app=web;'],
    ['cilium/state/nodes/v1/default/node-1', 'node', '{"Name":"node-1","Cluster":"default"}', 'default · node-1'],
    ['cilium/state/ip/v1/default/10.0.0.1', 'address', '{"IP":"10.0.0.1","ID":12345}', '10.0.0.1 → identity 12345'],
    [
      'cilium/state/services/v1/default/prod/web',
      'service',
      '{"cluster":"default","namespace":"prod","name":"web"}',
      'default · prod · web',
    ],
  ],
  Calico: [
    ['/calico/', 'container network'],
    ['/calico/resources/v3/projectcalico.org/ippools/default', 'ippools', '{"kind":"IPPool"}', 'IPPool'],
    ['/calico/ipam/v2/handle/x', 'allocation of addresses'],
    ['/calico/felix/v1/host/node-1/status', 'state of a node'],
  ],
  M3: [
    ['_sd.placement/default_env/m3db', 'placement of m3db'],
    ['_sd.metadata/default_env/m3db', 'metadata of a service'],
    ['_kv/default_env/m3db.node.namespaces', 'namespaces'],
  ],
};

describe('layouts of well-known software', () => {
  for (const [product, cases] of Object.entries(CASES))
    describe(product, () => {
      for (const [path, what, value, says] of cases)
        it(`${path} is: ${what}${says === undefined ? '' : `, which says ${says}`}`, () => {
          const look = lookOf(path);
          assert.equal(look?.product, product);
          assert.equal(look.what, what);
          assert.match(look.icon, /^[a-z-]+$/);
          assert.match(look.docs, /^https:\/\/[\w./-]+$/);
          if (value !== undefined) assert.equal(look.summary?.(value), says);
        });
    });

  it('are all in the demo', () => {
    const shown = new Set<string>();
    for (const { key, endsWithLease } of demoKeyspace()) {
      const path = String(key) + (endsWithLease ? '694d' : '');
      const look = lookOf(path, endsWithLease ? 'holder' : undefined);
      if (look) shown.add(look.product);
    }
    assert.deepEqual([...shown].toSorted(), [...Object.keys(CASES), 'etcd concurrency'].toSorted());
  });

  it('are not seen in other keys', () => {
    const others = [
      '/registry/pods',
      '/registry/services/other/x',
      '/registry/constructor/x',
      '/registry/stable.example.com/crontabs/default/a',
      '/other/pods/default/web',
      '/registry',
      '/service/a/b',
      '/apisix/other/x',
      '/config/app/leader',
      'traefik/other',
      '/skydns',
      'Shard',
      `/skydns/${'x/'.repeat(1000)}a`,
    ];
    for (const path of others) assert.equal(lookOf(path), undefined, path);
  });

  it('tell who holds a lock or is elected, and who waits', () => {
    const key = '/locks/job/694d81417acd4755';
    assert.equal(lookOf(key), undefined);
    const told = (['holder', 'waiting', 'unknown'] as const).map((place) => {
      const look = lookOf(key, place);
      return [look?.what, look?.summary?.(''), look?.summary?.('worker-1')];
    });
    assert.deepEqual(told.slice(0, 2), [
      ['lock or election: holder', 'Holds the lock.', 'worker-1 is elected.'],
      ['lock or election: waiting', 'Waits for the lock.', 'worker-1 waits to be elected.'],
    ]);
    assert.match(told[2]?.join() ?? '', /^lock or election,.*lowest create revision.*Candidate worker-1/);
  });

  it('never show a secret, and take values that are not what they should be', () => {
    for (const [path] of Object.values(CASES).flat())
      for (const value of [
        '',
        '{',
        '{}',
        '[]',
        'null',
        '{"plugins":7,"nodes":"x","methods":"GET","host":[1]}',
        'x'.repeat(200_000),
      ])
        assert.doesNotThrow(() => lookOf(path)?.summary?.(value));
  });
});
