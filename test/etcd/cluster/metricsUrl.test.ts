import assert from 'node:assert/strict';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { valueOf } from '../../../src/etcd/cluster/figures.ts';
import { connectEtcd, type OpenEtcd } from '../../../src/etcd/connect/connect.ts';
import { diagnose } from '../../../src/etcd/connect/diagnose.ts';
import { EtcdError } from '../../../src/etcd/errors.ts';
import type { RequestLogEntry } from '../../../src/etcd/http/httpClient.ts';
import type { TransportName } from '../../../src/etcd/v3/signedInSession.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startCluster } from '../../fixtures/etcdCluster.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { startRecordingServer } from '../../fixtures/recordingServer.ts';
import { settingsFor } from '../connecting.ts';
import { PASSWORD, ROOT } from './clusters.ts';

const SERVED = 'etcd_server_has_leader';

for (const transport of ['grpc', 'gateway'] as const) {
  describe(`metrics at an address of their own, beside ${transport}`, function () {
    this.timeout('2m');
    let tls: Identity;
    let secure: EtcdServer;
    let members: EtcdServer[] = [];
    const opened: OpenEtcd[] = [];
    let log: RequestLogEntry[] = [];

    before(async () => {
      tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
      secure = await startEtcd({ tls, auth: { rootPassword: PASSWORD }, version: '3.4' });
      members = await startCluster();
    });
    after(() => Promise.all([secure, ...members].map((server) => server?.stop())));
    afterEach(() => {
      log = [];
      for (const { close } of opened.splice(0)) close();
    });

    function settings(
      servers: readonly EtcdServer[],
      metricsOrigins: readonly string[],
      way: TransportName = transport,
    ) {
      const { endpoints, limits } = settingsFor(servers.map(({ endpoint }) => endpoint));
      const isSecure = servers.includes(secure);
      return {
        ...{ endpoints, limits, metricsOrigins, transport: way, api: 'v3' as const },
        tls: isSecure ? { certificateAuthorities: [tls.certPem] } : {},
        log: (entry: RequestLogEntry) => void log.push(entry),
      };
    }

    async function open(servers: readonly EtcdServer[], metricsOrigins: readonly string[]) {
      const credentials = servers.includes(secure) ? ROOT : undefined;
      const connection = await connectEtcd(settings(servers, metricsOrigins), credentials);
      opened.push(connection);
      return (await connection.cluster?.()) ?? assert.fail();
    }

    const asked = () => new Set(log.filter(({ path }) => path === '/metrics').map(({ endpoint }) => endpoint));

    it('are read there instead of from the endpoint, also for the quota of a version that does not tell it', async () => {
      const cluster = await open([secure], [secure.metricsUrl]);
      const [member] = (await cluster.state()).members;
      assert.ok(member?.answer.kind === 'answered');
      assert.ok((member.answer.status?.quota ?? 0) > 0);
      assert.equal(valueOf(await cluster.metrics(member), SERVED), 1);
      assert.deepEqual(asked(), new Set([secure.metricsUrl]));
    });

    it('belong to the member that they name, in whatever order the addresses are', async () => {
      const urls = members.map(({ metricsUrl }) => metricsUrl).toReversed();
      const cluster = await open(members, [secure.metricsUrl, ...urls]);
      for (const member of (await cluster.state()).members) {
        const index = Number(member.name.at(-1)) - 1;
        const metrics = await cluster.metrics(member);
        assert.deepEqual(
          metrics.get('etcd_server_id')?.map(({ labels }) => labels['server_id']),
          [member.id.toString(16)],
        );
        log = [];
        await cluster.metrics(member);
        assert.deepEqual([...asked()], [members[index]?.metricsUrl]);
      }
    });

    it('are missed, and nothing else is, where no address serves those of a member', async () => {
      const cluster = await open(members, [secure.metricsUrl]);
      const { members: all } = await cluster.state();
      assert.ok(all.every(({ answer }) => answer.kind === 'answered' && answer.health.kind === 'healthy'));
      const [member] = all;
      assert.ok(member);
      await assert.rejects(
        cluster.metrics(member),
        (error) =>
          EtcdError.is(error, 'unsupported') &&
          error.message.startsWith('No address in "metricsUrl" serves the metrics of the member member1.'),
      );
      const [dead = 0] = await freePorts(1);
      const unreachable = await open(members, [`http://127.0.0.1:${dead}`]);
      assert.ok((await unreachable.state()).members.every(({ answer }) => answer.kind === 'answered'));
      await assert.rejects(unreachable.metrics(member), (error) => EtcdError.is(error, 'refused'));
    });

    it('are asked for without the password and without a token', async () => {
      const elsewhere = await startRecordingServer();
      try {
        const cluster = await open([secure], [elsewhere.origin]);
        const [member] = (await cluster.state()).members;
        assert.ok(member?.answer.kind === 'answered' && member.answer.status?.quota === undefined);
        await assert.rejects(
          cluster.metrics(member),
          (error) => EtcdError.is(error, 'unsupported') && error.message.includes('serves no metrics'),
        );
        assert.match(elsewhere.received(), /^GET \/metrics /);
        assert.doesNotMatch(elsewhere.received(), /authorization|token|correct-horse/i);
      } finally {
        elsewhere.close();
      }
    });

    it('are named by the diagnosis with the address that was used', async () => {
      const [dead = 0] = await freePorts(1);
      const origins = [secure.metricsUrl, `http://127.0.0.1:${dead}`];
      const found = [];
      for await (const step of diagnose(settings([secure], origins), ROOT, new AbortController().signal))
        found.push(step);
      const { name, outcome, detail = '' } = found.at(-1) ?? {};
      assert.deepEqual([name, outcome], ['Transports and metrics', 'ok']);
      const [, metrics = ''] = detail.split('metrics: ');
      assert.ok(
        metrics.startsWith(`${origins[0]} ("metricsUrl") served, ${origins[1]} ("metricsUrl") not served (`),
        detail,
      );
      assert.deepEqual(asked(), new Set(origins));
    });
  });
}
