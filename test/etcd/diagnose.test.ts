import assert from 'node:assert/strict';
import { freePorts } from '../../scripts/setup/ports.ts';
import { diagnose, type DiagnosisStep } from '../../src/etcd/diagnose.ts';
import type { HttpSettings } from '../../src/etcd/http/httpClient.ts';
import type { Credentials } from '../../src/etcd/etcdConnection.ts';
import { selfSigned, type Identity } from '../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../fixtures/etcdServer.ts';
import { settingsFor } from './connecting.ts';

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
    assert.equal(all.length, 5);
    assert.match(all.map(({ detail }) => detail).join('\n'), /CN=etcd[^]*SHA-256[^]*signed in as root[^]*round trip/);
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
