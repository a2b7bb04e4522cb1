import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readCertificates } from '../../../src/etcd/http/pem.ts';
import { selfSigned } from '../../fixtures/certificates.ts';
import { failsAs } from '../../etcd/errorKind.ts';

describe('readCertificates', () => {
  let pem: string;
  let key: string;
  before(async () => {
    const identity = await selfSigned({ commonName: 'one' });
    [pem, key] = [identity.certPem.trim(), identity.keyPem];
  });

  function subjects(content: string | Uint8Array): string[] {
    return readCertificates(content, 'servercert.crt').map(({ subject }) => subject);
  }

  it('takes several certificates, text around them, CRLF, a BOM, indentation and DER', async () => {
    const second = (await selfSigned({ commonName: 'two' })).certPem;
    const der = new X509Certificate(pem).raw;
    for (const content of [
      pem,
      `\uFEFF${pem}`,
      pem.replaceAll('\n', '\r\n'),
      pem.replaceAll(/^/gm, '    '),
      `subject=/CN=one\n${pem}\ntrailing words`,
      new TextEncoder().encode(pem),
      der,
    ])
      assert.deepEqual(subjects(content), ['CN=one']);
    assert.deepEqual(subjects(`${pem}\n${second}`), ['CN=one', 'CN=two']);
    assert.deepEqual(subjects(`${key}\n${pem}`), ['CN=one']);
  });

  it('says what is wrong, and where', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /servercert\.crt is empty/],
      ['hello', /no line "-----BEGIN CERTIFICATE-----"/],
      [key, /private key, not a certificate/],
      [pem.slice(0, -30), /cut off/],
      [pem.replace(/\n[A-Za-z0-9+/]{20}/, '\n????????????????????'), /damaged/],
      [pem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), /block "CERTIFICATE REQUEST"/],
    ];
    for (const [content, message] of cases) assert.throws(() => subjects(content), failsAs('badCertificate', message));
  });
});
