import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { copyAs, COPY_FORMS, type CopyForm } from '../../../../src/connections/formats/write/copyAs.ts';
import type { CopiedConnection } from '../../../../src/connections/formats/write/copy.ts';
import { parseConnection } from '../../../../src/connections/formats/read/parseConnection.ts';
import { selfSigned } from '../../../fixtures/certificates.ts';

const PASSWORD = `p'a"s\\s $w:o/r@d`;
const literal = { kind: 'literal', password: PASSWORD } as const;
const key = new TextEncoder().encode(`/app/it's "here" $HOME`);

const ONE = { endpoints: ['https://host1:2379'], username: 'us er' };
const TWO = { ...ONE, endpoints: ['https://host1:2379', 'https://[::1]:2380'] };
const FILES = { caFile: '/my certs/ca.crt', certFile: "it's.crt", keyFile: 'client.key' };

/** The settings that each format can express. */
const WHOLE: Readonly<Record<CopyForm, CopiedConnection>> = {
  curlV2: { ...ONE, ...FILES, connectTimeout: 3, headerTimeout: 20 },
  curlV3: { ...ONE, ...FILES, connectTimeout: 3, headerTimeout: 20 },
  etcdctlV2: { ...TWO, ...FILES, headerTimeout: 20 },
  etcdctlV3: { ...TWO, ...FILES, connectTimeout: 0.5, headerTimeout: 20 },
  environment: { ...TWO, ...FILES, connectTimeout: 3, headerTimeout: 20 },
  connectionStrings: TWO,
  goV2: { ...TWO, ...FILES, serverName: 'etcd', connectTimeout: 3, headerTimeout: 20 },
  goV3: { ...TWO, ...FILES, serverName: 'etcd', connectTimeout: 3, headerTimeout: 20 },
};

describe('a connection copied as', () => {
  let ca = '';
  before(async () => {
    ca = (await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] })).certPem.trim();
  });

  for (const form of COPY_FORMS) {
    it(`${form} comes back whole when it is pasted`, () => {
      const connection = WHOLE[form];
      const { text, leftOut } = copyAs(form, connection, { password: literal, key });
      const { api: _, sync: __, notUnderstood, ...pasted } = parseConnection(text);
      assert.deepEqual(pasted, { ...connection, password: PASSWORD }, text);
      assert.deepEqual([notUnderstood, leftOut], [[], []], text);
    });

    it(`${form} holds no password unless it is asked for`, () => {
      const connection = WHOLE[form];
      for (const options of [{}, { password: { kind: 'variable' } }, { password: { kind: 'placeholder' } }] as const) {
        const { text } = copyAs(form, connection, options);
        const pasted = parseConnection(text);
        assert.deepEqual([pasted.username, pasted.password], [connection.username, undefined], text);
        assert.equal(pasted.notUnderstood.length, 1, pasted.notUnderstood.join());
        assert.match(pasted.notUnderstood.join(), /placeholder|in the variable ETCD_PASSWORD/);
      }
    });

    if (form !== 'connectionStrings')
      it(`${form} carries a certificate that is kept as text`, () => {
        const { text } = copyAs(form, { ...ONE, ca });
        assert.equal(parseConnection(text).ca, ca, text);
      });

    it(`${form} needs neither a user nor TLS`, () => {
      const { text } = copyAs(form, { endpoints: ['http://127.0.0.1:2379'] });
      const { endpoints, notUnderstood } = parseConnection(text);
      assert.deepEqual({ endpoints, notUnderstood }, { endpoints: ['http://127.0.0.1:2379'], notUnderstood: [] });
    });
  }

  it('environment lines are of the API that the connection has', () => {
    const { text } = copyAs('environment', { ...ONE, ...FILES, api: 'v2' });
    assert.equal(parseConnection(text).api, 'v2');
    assert.match(text, /ETCDCTL_CA_FILE=/);
  });

  it('Go reads as of a revision', () => {
    const { text } = copyAs('goV3', ONE, { key: new TextEncoder().encode('/a'), revision: 12n });
    assert.match(text, /etcd\.Get\(ctx, "\/a", clientv3\.WithRev\(12\)\)[^]*kv\.Value/);
  });

  it('says what a form has no words for', () => {
    const connection = { ...TWO, serverName: 'etcd', pinnedSha256: ['00'], caFile: 'a.crt' };
    assert.match(copyAs('etcdctlV3', connection).leftOut.join(), /serverName, pinnedSha256/);
    assert.match(copyAs('connectionStrings', connection).leftOut.join(), /caFile, serverName, pinnedSha256/);
    assert.match(copyAs('curlV2', connection).leftOut.join(), /the first one is copied/);
    assert.match(copyAs('etcdctlV3', ONE, { key: Uint8Array.of(0xff) }).leftOut.join(), /The key is not text/);
  });

  it('imports in Go exactly what it uses', () => {
    const plain = copyAs('goV3', { endpoints: ['http://127.0.0.1:2379'] }).text;
    assert.deepEqual(importsOf(plain), ['context', 'fmt', 'log', 'time', 'go.etcd.io/etcd/client/v3']);
    const whole = copyAs('goV2', { ...ONE, ...FILES }, { key: new TextEncoder().encode('/os.Args x509.Y') }).text;
    const standard = ['context', 'crypto/tls', 'crypto/x509', 'fmt', 'log', 'net', 'net/http', 'os', 'time'];
    assert.deepEqual(importsOf(whole), [...standard, 'go.etcd.io/etcd/client/v2']);
  });
});

function importsOf(code: string): string[] {
  const block = /import \(([^)]*)\)/.exec(code)?.[1] ?? '';
  return [...block.matchAll(/"([^"]+)"/g)].map(([, path = '']) => path);
}
