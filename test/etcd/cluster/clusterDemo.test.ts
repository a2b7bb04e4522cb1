import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClusterDemo, writeClusterWorkspace, type ClusterDemo } from '../../../scripts/demo/clusterEtcd.ts';
import { whoMay } from '../../../src/etcd/accounts/permissions.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import { bytes, settingsFor } from '../connecting.ts';

describe('the demo of a cluster', function () {
  this.timeout('5m');
  let demo: ClusterDemo;
  before(async () => {
    demo = await startClusterDemo(() => undefined);
  });
  after(() => demo?.stop());

  it('has three healthy members with users and roles, to which something is written', async () => {
    const settings = settingsFor(demo.endpoints, { tls: { certificateAuthorities: [demo.certPem] } });
    const credentials = { username: 'root', password: demo.password };
    const connection = await connectEtcd({ ...settings, api: 'v3' }, credentials);
    try {
      const state = await connection.cluster?.().then((cluster) => cluster.state());
      const health = state?.members.map(({ answer }) => answer.kind === 'answered' && answer.health.kind);
      assert.deepEqual(health, ['healthy', 'healthy', 'healthy']);
      const accounts = await connection.accounts?.().then((admin) => admin.accounts());
      assert.ok(accounts?.isEnabled !== false);
      const writers = whoMay(accounts ?? { users: [], roles: [] }, 'write', prefixRange(bytes('/config/')));
      assert.deepEqual(writers.map(({ user }) => user).toSorted(), ['alice', 'root']);
      const revision = async () => (await connection.store.get(bytes('/config/'))).revision;
      const before = await revision();
      while ((await revision()) === before);
    } finally {
      connection.close();
    }
  });

  it('has an etcd that is nearly full, and a workspace for both', async () => {
    const connection = await connectEtcd({ ...settingsFor(demo.small.endpoint), api: 'v3' });
    try {
      const state = await connection.cluster?.().then((cluster) => cluster.state());
      const answer = state?.members[0]?.answer;
      assert.ok(answer?.kind === 'answered' && answer.status?.quota !== undefined);
      const share = answer.status.size / answer.status.quota;
      assert.ok(share >= 0.7 && share < 1, String(share));
      assert.deepEqual(state?.alarms, { kind: 'reported', alarms: [] });
    } finally {
      connection.close();
    }
    const folder = await mkdtemp(join(tmpdir(), 'etcd-demo-'));
    try {
      await writeClusterWorkspace(folder, demo);
      const settings = await readFile(join(folder, '.vscode', 'settings.json'), 'utf8');
      for (const endpoint of [...demo.endpoints, demo.small.endpoint]) assert.ok(settings.includes(endpoint), endpoint);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
