import { demoTime, renewedLeaseSeconds, type DemoEntry } from './entry.ts';

/** Yields a few keys of each further software whose layout is known. Protobuf values are short but well-formed. */
export function* layoutKeyspace(): Iterable<DemoEntry> {
  yield* apisix();
  yield* cilium();
  yield* calico();
  yield* vitess();
  yield* milvus();
  yield* m3();
  yield* election();
}

function* apisix(): Iterable<DemoEntry> {
  const at = (path: string, value: object): DemoEntry => ({ key: `/apisix/${path}`, value: JSON.stringify(value) });
  const nodes = { '10.40.1.11:8080': 1, '10.40.1.12:8080': 1, '10.40.1.13:8080': 1 };
  yield { key: '/apisix/routes', value: 'init_dir' };
  yield at('routes/1', { id: '1', methods: ['GET'], uri: '/api', upstream: { type: 'roundrobin', nodes } });
  yield at('upstreams/catalog', {
    id: 'catalog',
    type: 'roundrobin',
    nodes: [{ host: 'catalog', port: 8080, weight: 1 }],
  });
  yield at('consumers/mobile', { username: 'mobile', plugins: { 'limit-count': { count: 100, time_window: 60 } } });
  yield at('global_rules/1', { id: '1', plugins: { prometheus: {} } });
}

function* cilium(): Iterable<DemoEntry> {
  const state = (path: string, value: string): DemoEntry => ({ key: `cilium/state/${path}`, value });
  yield { key: 'cilium/.heartbeat', value: new Date(demoTime).toISOString() };
  yield state('identities/v1/id/12345', 'k8s:app=web;k8s:io.kubernetes.pod.namespace=shop;');
  yield state('nodes/v1/default/worker-1', JSON.stringify({ Name: 'worker-1', Cluster: 'default' }));
  yield state('ip/v1/default/10.244.1.7', JSON.stringify({ IP: '10.244.1.7', ID: 12_345 }));
}

function* calico(): Iterable<DemoEntry> {
  const pool = { kind: 'IPPool', apiVersion: 'projectcalico.org/v3', metadata: { name: 'default' } };
  yield { key: '/calico/resources/v3/projectcalico.org/ippools/default', value: JSON.stringify(pool) };
  yield { key: '/calico/ipam/v2/handle/k8s-pod-network.1', value: JSON.stringify({ deleted: false, block: {} }) };
  yield { key: '/calico/felix/v1/host/worker-1/status', value: JSON.stringify({ uptime: 3600 }) };
}

function* vitess(): Iterable<DemoEntry> {
  // topodata.CellInfo: the server's address and the root.
  yield { key: '/vitess/global/cells/zone1/CellInfo', value: fields('etcd:2379', '/vitess/zone1') };
  yield { key: '/vitess/global/keyspaces/commerce/Keyspace', value: '' };
  yield { key: '/vitess/global/keyspaces/commerce/shards/-80/Shard', value: '' };
  yield { key: '/vitess/zone1/tablets/zone1-0000000100/Tablet', value: fields('zone1', 'tablet-100') };
}

function* milvus(): Iterable<DemoEntry> {
  for (const path of ['collection/449', 'partitions/449/450', 'credential/users/root'])
    yield { key: `by-dev/meta/root-coord/${path}`, value: fields('449', 'articles') };
}

function* m3(): Iterable<DemoEntry> {
  yield { key: '_sd.placement/default_env/m3db', value: fields('m3db', 'replica') };
  yield { key: '_kv/default_env/m3db.node.namespaces', value: fields('default') };
}

/** Yields an election as etcd's own package writes it: a key for each candidate, whose value is its proposal. */
function* election(): Iterable<DemoEntry> {
  for (const [index, value] of ['scheduler-1', 'scheduler-2'].entries())
    yield {
      ...{ key: '/elections/scheduler/', value, endsWithLease: true },
      // A lease for each.
      leaseSeconds: renewedLeaseSeconds + index,
    };
}

/** Returns a protobuf message with texts in its first fields. */
function fields(...texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.map((text, index) => Buffer.concat([Buffer.from([((index + 1) << 3) | 2, text.length]), Buffer.from(text)])),
  );
}
