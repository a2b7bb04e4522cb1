import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { binaryKeyspace, oddKeyspace } from '../../../scripts/demo/oddKeys.ts';
import { attempt, findOnPath } from '../../../scripts/setup/command.mjs';
import { ensureEtcd } from '../../../scripts/setup/etcd.ts';
import type { CopiedPassword } from '../../../src/connections/formats/write/copy.ts';
import { copyPuts, type PutForm } from '../../../src/connections/formats/write/writePuts.ts';
import { connectEtcd } from '../../../src/etcd/connect/connect.ts';
import { prefixRange } from '../../../src/etcd/keys/ranges.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';
import { selfSigned, writePem } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { Random } from '../../unit/listing/random.ts';
import { bytes, settingsFor } from '../connecting.ts';

interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const PASSWORD = `p'a"s\\s`;
const HAS_CURL = findOnPath('curl') !== undefined;
const SHELLS = ['sh', 'bash'].filter((shell) => findOnPath(shell) !== undefined);
const ALL = new Uint8Array();

function asBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? bytes(content) : new Uint8Array(content);
}

function oddPairs(): Pair[] {
  const random = new Random(2);
  const pairs = [...oddKeyspace(), ...binaryKeyspace()].map(({ key, value }) => ({
    key: asBytes(key),
    value: asBytes(value),
  }));
  const odd = [
    '',
    '-',
    '--help',
    '\n',
    'ends in lines\n\n',
    "'",
    '"$HOME" `id` \\n %s %',
    '\ufeff',
    '!!',
    'x'.repeat(200_000),
  ];
  return [
    ...pairs,
    ...odd.map((value, index) => ({ key: bytes(`/values/${index}`), value: bytes(value) })),
    ...['-', '--prefix', '-\0', '\xff\n\n', '\xff-\\'].map((key) => ({
      key: new Uint8Array(Buffer.from(key, 'latin1')),
      value: bytes(`-${key.length}`),
    })),
    { key: bytes('/values/every byte'), value: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
    { key: bytes('/values/large binary'), value: random.bytes(300_000) },
  ];
}

describe('copied put commands, run by a shell', function () {
  let v3: EtcdServer;
  let v2: EtcdServer;
  let folder: string;
  let path: string;
  const open: (() => void)[] = [];

  before(async function () {
    this.timeout('5m');
    const tls = await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] });
    folder = await mkdtemp(join(tmpdir(), 'etcd copied-'));
    await writePem(folder, 'server cert.crt', tls.certPem);
    [v3, v2] = await Promise.all([
      startEtcd({ version: '3.5', tls, auth: { rootPassword: PASSWORD } }),
      startEtcd({ version: '3.4', tls, extraArgs: ['--enable-v2=true'] }),
    ]);
    const { etcdctl } = await ensureEtcd('3.4');
    path = [dirname(etcdctl), process.env['PATH']].join(delimiter);
  });
  after(async () => {
    for (const close of open) close();
    await v3?.stop();
    await v2?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function connectionOf({ endpoint }: EtcdServer) {
    return {
      endpoints: [endpoint],
      caFile: join(folder, 'server cert.crt'),
      ...(endpoint === v3.endpoint && { username: 'root' }),
    };
  }

  async function storeOf({ endpoint }: EtcdServer, api: 'v2' | 'v3'): Promise<KeyStore> {
    const ca = await readFile(join(folder, 'server cert.crt'), 'utf8');
    const credentials = endpoint === v3.endpoint ? { username: 'root', password: PASSWORD } : undefined;
    const { store, close } = await connectEtcd(
      { ...settingsFor(endpoint, { tls: { certificateAuthorities: [ca] } }), api },
      credentials,
    );
    open.push(close);
    return store;
  }

  async function run(shell: string, text: string): Promise<void> {
    const input = `set -eu\n${text}\n`;
    const env = { PATH: path, HOME: folder, ETCD_PASSWORD: PASSWORD };
    const { stderr, code } = await attempt(shell, [], { env, input });
    assert.equal(code, 0, `${text.slice(0, 2000)}\n${stderr}`);
  }

  async function contents(store: KeyStore): Promise<[string, string][]> {
    const found: [string, string][] = [];
    for await (const { kvs } of store.scan(prefixRange(ALL), { values: true }))
      for (const { key, value } of kvs)
        found.push([Buffer.from(key).toString('latin1'), Buffer.from(value).toString('latin1')]);
    return found;
  }

  function expected(pairs: readonly Pair[]): [string, string][] {
    return pairs
      .toSorted((a, b) => Buffer.compare(a.key, b.key))
      .map(({ key, value }) => [Buffer.from(key).toString('latin1'), Buffer.from(value).toString('latin1')]);
  }

  const v3Forms: readonly PutForm[] = HAS_CURL ? ['etcdctlV3', 'curlV3'] : ['etcdctlV3'];
  for (const shell of SHELLS)
    for (const form of v3Forms)
      it(`${form} writes every odd key and value byte by byte, in ${shell}`, async function () {
        this.timeout('5m');
        const store = await storeOf(v2, 'v3');
        await store.delete([prefixRange(ALL)]);
        const pairs = oddPairs();
        const { text, leftOut } = copyPuts(form, connectionOf(v2), pairs);
        assert.deepEqual(leftOut, []);
        await run(shell, text);
        assert.deepEqual(await contents(store), expected(pairs));
      });

  const passwords: readonly (CopiedPassword | undefined)[] = [undefined, { kind: 'literal', password: PASSWORD }];
  for (const form of v3Forms)
    for (const password of passwords)
      it(`${form} writes one key with the connection's flags, the password ${password ? 'in it' : 'in a variable'}`, async () => {
        const store = await storeOf(v3, 'v3');
        await store.delete([prefixRange(ALL)]);
        const pair = { key: bytes(`/it's "one"\n`), value: bytes('$(touch /tmp/never)\n') };
        const { text } = copyPuts(form, connectionOf(v3), [pair], password);
        assert.equal(text.includes('ETCD_PASSWORD'), password === undefined);
        if (form === 'etcdctlV3') assert.match(text, /^etcdctl --cacert '[^']*' --endpoints /);
        await run('sh', text);
        assert.deepEqual(await contents(store), expected([pair]));
      });

  for (const form of HAS_CURL ? (['etcdctlV2', 'curlV2'] as const) : (['etcdctlV2'] as const))
    it(`${form} writes what v2 can hold, and says what it leaves out`, async function () {
      this.timeout('5m');
      const store = await storeOf(v2, 'v2');
      const names = ['a b', '%41?&#', "it's", 'ü', '-dash'];
      const values = ['', '-v', 'two\nlines\n', `'"$HOME\`\\`, 'x'.repeat(150_000), '+&=%'];
      const pairs = values.map((value, index) => ({
        key: bytes(`/${form}/${names[index % names.length]}${index}`),
        value: bytes(value),
      }));
      const { text, leftOut } = copyPuts(form, connectionOf(v2), [
        ...pairs,
        { key: bytes('/binary'), value: Uint8Array.of(255) },
      ]);
      assert.deepEqual(leftOut, ['Left out, because the v2 API holds only text: 1 key.']);
      await run('sh', text);
      const found = (await contents(store)).filter(([key]) => key.startsWith(`/${form}/`));
      assert.deepEqual(found, expected(pairs));
    });

  it('says that leases stay behind', () => {
    const { leftOut } = copyPuts('etcdctlV3', connectionOf(v3), [{ key: bytes('/a'), value: bytes('1'), lease: 7n }]);
    assert.deepEqual(leftOut, ['Leases and times to live are not copied.']);
  });
});
