import assert from 'node:assert/strict';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { diagnose, type DiagnosisStep } from '../../../src/etcd/connect/diagnose.ts';
import type { HttpSettings } from '../../../src/etcd/http/httpClient.ts';
import type { Credentials } from '../../../src/etcd/http/etcdConnection.ts';
import { selfSigned, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { settingsFor } from '../connecting.ts';
import { strictProxy as startStrict } from './reverseProxies.ts';

const PASSWORD = 'correct-horse';

describe('diagnose', () => {
  let tls: Identity;
  let server: EtcdServer;
  before(async () => {
    tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    server = await startEtcd({ tls, auth: { rootPassword: PASSWORD } });
  });
  after(() => server?.stop());

  async function steps(settings: HttpSettings, credentials?: Credentials): Promise<DiagnosisStep[]> {
    const all: DiagnosisStep[] = [];
    for await (const step of diagnose({ ...settings, api: 'auto' }, credentials, new AbortController().signal))
      all.push(step);
    assert.doesNotMatch(JSON.stringify(all), new RegExp(PASSWORD));
    return all;
  }

  it('finds everything in order', async () => {
    const trusted = { tls: { certificateAuthorities: [tls.certPem] } };
    const all = await steps(settingsFor(server.endpoint, trusted), { username: 'root', password: PASSWORD });
    assert.deepEqual(new Set(all.map(({ outcome }) => outcome)), new Set(['ok']));
    assert.equal(all.length, 9);
    assert.match(all.map(({ detail }) => detail).join('\n'), /CN=etcd[^]*SHA-256[^]*signed in as root[^]*round trip/);
  });

  it('tells which member answers, the faults of its version, its clock, its transports and metrics', async () => {
    const trusted = { tls: { certificateAuthorities: [tls.certPem] } };
    const all = await steps(settingsFor(server.endpoint, trusted), { username: 'root', password: PASSWORD });
    const details = new Map(all.map(({ name, detail }) => [name, detail]));
    assert.equal(details.get('Answering member'), 'etcd, the leader');
    assert.match(details.get('Published faults of this version') ?? '', /CVE-|none known|fixed in/);
    assert.equal(details.get('Clock'), "agrees with this machine's clock");
    assert.equal(details.get('Transports and metrics'), 'gRPC: answers; JSON gateway: answers; metrics: served');
  });

  it('tells why one of the transports does not answer', async () => {
    const plain = await startEtcd({ extraArgs: ['--enable-grpc-gateway=false'] });
    try {
      const all = await steps(settingsFor(plain.endpoint));
      const ways = all.at(-1)?.detail ?? '';
      assert.match(ways, /^gRPC: answers; JSON gateway: does not answer \(.+\); metrics: served$/);
      assert.deepEqual(new Set(all.map(({ outcome }) => outcome)), new Set(['ok']));
    } finally {
      await plain.stop();
    }
  });

  it('stops at the first step that fails, with the sentence that says what to change', async () => {
    const untrusted = (await steps(settingsFor(server.endpoint))).at(-1);
    assert.ok(untrusted?.outcome === 'failed');
    assert.match(untrusted.detail, /caFile/);
    const trusted = { tls: { certificateAuthorities: [tls.certPem] } };
    const anonymous = (await steps(settingsFor(server.endpoint, trusted))).at(-1);
    assert.ok(anonymous?.outcome === 'failed');
    assert.match(anonymous.detail, /requires a user name/);
    const wrong = await steps(settingsFor(server.endpoint, trusted), {
      username: 'root',
      password: PASSWORD.slice(1),
    });
    assert.match(wrong.at(-1)?.detail ?? '', /did not accept/);
  });

  it('ends as soon as it is canceled, whatever it waits for, and finds nothing in order then', async () => {
    const abort = new AbortController();
    const limits = { connect: 600_000, response: 600_000 };
    server.pause();
    try {
      const diagnosing = (async () => {
        for await (const { name } of diagnose(
          { ...settingsFor(server.endpoint), limits, api: 'auto' },
          undefined,
          abort.signal,
        ))
          if (name === 'TCP connection') abort.abort();
      })();
      await assert.rejects(diagnosing, { kind: 'cancelled' });
    } finally {
      server.resume();
    }
  });

  for (const transport of ['gateway', 'grpc'] as const)
    it(`says that members are not told to this user, and goes on with the endpoints of the settings (${transport})`, async () => {
      const plain = await startEtcd();
      // etcd 3.4.42, 3.5.28 and 3.6.9 report this only to root. Older ones report it to everyone, so a proxy refuses
      // here.
      const strict = await startStrict(plain.endpoint);
      try {
        const settings = { ...settingsFor(strict.endpoint), api: 'v3', transport, sync: true } as const;
        const connection = await connectEtcd(settings);
        assert.deepEqual(connection.endpoints?.(), [strict.endpoint]);
        await connection.store.get(new Uint8Array([1]));
        connection.close();
        const all: DiagnosisStep[] = [];
        for await (const step of diagnose(settings, undefined, new AbortController().signal)) all.push(step);
        assert.match(all.map(({ detail }) => detail).join('\n'), /may not list the members/);
        assert.ok(all.every(({ outcome }) => outcome === 'ok'));
      } finally {
        strict.close();
        await plain.stop();
      }
    });

  it('goes on after it has found that a user may read nothing', async () => {
    const added = await server.etcdctl(['user', 'add', `nobody:${PASSWORD}`]);
    assert.equal(added.code, 0, added.stderr);
    const trusted = { tls: { certificateAuthorities: [tls.certPem] } };
    const all = await steps(settingsFor(server.endpoint, trusted), { username: 'nobody', password: PASSWORD });
    const failed = all.filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['Permission to read, round trip'],
    );
    assert.equal(all.at(-1)?.name, 'Transports and metrics');
  });

  it('tries each endpoint by itself', async () => {
    const [dead] = await freePorts(1);
    const endpoints = [`http://127.0.0.1:${dead}`, 'http://no-such-host.invalid:1'];
    const all = await steps(settingsFor(endpoints));
    assert.deepEqual(
      all.map(({ endpoint, outcome }) => `${endpoints.indexOf(endpoint)} ${outcome}`),
      ['0 ok', '0 failed', '1 failed'],
    );
  });
});
