import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { attempt, findOnPath } from '../../../scripts/setup/command.mjs';
import { ensureEtcd } from '../../../scripts/setup/etcd.ts';
import { copyAs, type CopyForm, type CopyOptions } from '../../../src/connections/formats/write/copyAs.ts';
import type { CopiedConnection, CopiedPassword } from '../../../src/connections/formats/write/copy.ts';
import { selfSigned, writePem, type Identity } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes } from '../connecting.ts';

const PASSWORD = `p'a"s\\s`;
const KEY = `/app/it's "here" $HOME`;
const HAS_CURL = findOnPath('curl') !== undefined;
const V3_FORMS: readonly CopyForm[] = ['etcdctlV3', 'environment', ...(HAS_CURL ? ['curlV3' as const] : [])];
const V2_FORMS: readonly CopyForm[] = ['etcdctlV2', ...(HAS_CURL ? ['curlV2' as const] : [])];

describe('copied commands, run by a shell', function () {
  let v3: EtcdServer;
  let v2: EtcdServer;
  let tls: Identity;
  let folder: string;
  let path: string;

  before(async function () {
    this.timeout('5m');
    tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    folder = await mkdtemp(join(tmpdir(), 'etcd copied-'));
    [v3, v2] = await Promise.all([
      startEtcd({ version: '3.5', tls, auth: { rootPassword: PASSWORD } }),
      startEtcd({ version: '3.4', tls, extraArgs: ['--enable-v2=true'] }),
    ]);
    // The etcdctl of 3.4 speaks both APIs.
    const { etcdctl } = await ensureEtcd('3.4');
    path = [dirname(etcdctl), process.env['PATH']].join(delimiter);
    const put = await v3.etcdctl(['put', KEY, 'the value']);
    assert.equal(put.code, 0, put.stderr);
    await enableV2Auth();
  });
  after(async () => {
    await v3?.stop();
    await v2?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a text in `sh`; resolves to its output. */
  async function run(text: string, variables: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout, stderr, code } = await attempt('sh', ['-euc', `cd "$FOLDER"\n${text}`], {
      env: { PATH: path, HOME: folder, FOLDER: folder, ...variables },
    });
    assert.equal(code, 0, `${text}\n${stderr}`);
    return stdout;
  }

  async function enableV2Auth(): Promise<void> {
    const connection = { endpoints: [v2.endpoint], caFile: await writePem(folder, 'server cert.crt', tls.certPem) };
    const etcdctl = copyAs('etcdctlV2', connection).text.replace(/ ls .*$/, '');
    await run(`${etcdctl} set "$KEY" 'the value'`, { KEY });
    await run(`printf %s "$ETCD_PASSWORD" | ${etcdctl} user add root`, { ETCD_PASSWORD: PASSWORD });
    await run(`${etcdctl} auth enable`);
  }

  async function seen(
    server: EtcdServer,
    form: CopyForm,
    certificate: Pick<CopiedConnection, 'ca' | 'caFile'>,
    options: CopyOptions,
  ): Promise<string> {
    const { text, leftOut } = copyAs(form, { endpoints: [server.endpoint], username: 'root', ...certificate }, options);
    assert.deepEqual(leftOut, []);
    const command = form === 'environment' ? `${text}\netcdctl get "$KEY"` : text;
    const output = await run(command, { KEY, ...(options.password ? {} : { ETCD_PASSWORD: PASSWORD }) });
    if (form !== 'curlV3') return output;
    return output.replaceAll(/"(?:key|value)": *"([^"]*)"/g, (_, text64: string) =>
      Buffer.from(text64, 'base64').toString('utf8'),
    );
  }

  for (const form of ['etcdctlV3', 'curlV3'] as const)
    it(`${form} reads as of a revision what is copied from a view of the past`, async () => {
      const key = `/past/${form}`;
      const { stdout } = await v3.etcdctl(['put', key, 'as it was', '--write-out=json']);
      const revision = BigInt((JSON.parse(stdout) as { header: { revision: number } }).header.revision);
      await v3.etcdctl(['put', key, 'as it is']);
      await v3.etcdctl(['put', `${key}/later`, '']);
      const at = async (options: CopyOptions) =>
        await seen(
          v3,
          form,
          { ca: tls.certPem },
          { revision, password: { kind: 'literal', password: PASSWORD }, ...options },
        );
      assert.match(await at({ key: bytes(key) }), /as it was/);
      assert.doesNotMatch(await at({ key: bytes(key), prefix: true }), /later/);
    });

  const passwords: readonly (CopiedPassword | undefined)[] = [undefined, { kind: 'literal', password: PASSWORD }];
  for (const [forms, server] of [
    [V3_FORMS, () => v3],
    [V2_FORMS, () => v2],
  ] as const)
    for (const form of forms)
      for (const password of passwords)
        it(`${form} reads a key and lists keys, with the password ${password ? 'in it' : 'in a variable'}`, async () => {
          const how = password ? { password } : {};
          const file = { caFile: join(folder, 'server cert.crt') };
          assert.match(await seen(server(), form, file, { ...how, key: bytes(KEY) }), /the value/);
          if (form === 'environment') return;
          assert.ok((await seen(server(), form, { ca: tls.certPem }, how)).includes('/app'));
          assert.ok((await seen(server(), form, file, { ...how, key: bytes('/app/'), prefix: true })).includes("it's"));
        });
});
