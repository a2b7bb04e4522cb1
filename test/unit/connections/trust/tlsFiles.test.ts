import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPin, readTlsIdentity } from '../../../../src/connections/trust/tlsFiles.ts';
import { resolvePath } from '../../../../src/connections/trust/tlsPaths.ts';
import { certificatePins } from '../../../../src/etcd/http/certificatePins.ts';
import { failsAs } from '../../../etcd/errorKind.ts';
import { selfSigned, type Identity } from '../../../fixtures/certificates.ts';

const SETTINGS = { name: 'x', endpoints: ['https://h:1'] };

describe('readTlsIdentity', () => {
  let folder: string;
  let own: Identity;
  let locked: Identity;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etcd-tls-'));
    own = await selfSigned({ commonName: 'own' });
    locked = await selfSigned({ commonName: 'locked', passphrase: 'open sesame' });
    const files = {
      'own.crt': own.certPem,
      'own.key': own.keyPem,
      'locked.crt': locked.certPem,
      'locked.key': locked.keyPem,
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await symlink(join(folder, 'own.key'), join(folder, 'link.crt'));
  });
  before(() => {
    if (process.platform === 'linux') execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'pipe.crt')]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('takes paths in every way that they are written', () => {
    process.env['ETCD_TEST_FOLDER'] = '/somewhere';
    assert.equal(resolvePath('a/b.crt', '/w'), join('/w', 'a/b.crt'));
    assert.equal(resolvePath('${workspaceFolder}/b.crt', '/w'), join('/w', 'b.crt'));
    assert.equal(resolvePath('~/b.crt', undefined), join(homedir(), 'b.crt'));
    assert.equal(resolvePath('${env:ETCD_TEST_FOLDER}/b.crt', undefined), '/somewhere/b.crt');
    assert.equal(resolvePath('${env:ETCD_TEST_FOLDER}${env:ETCD_TEST_FOLDER}/b', undefined), '/somewhere/somewhere/b');
    assert.throws(() => resolvePath('b.crt', undefined), failsAs('configuration', /No folder is open/));
    delete process.env['ETCD_TEST_FOLDER'];
  });

  it('refuses what is no certificate: a key, a link to one, a device, a folder, nothing', async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['own.key', /private key, not a certificate/],
      ['link.crt', /private key, not a certificate/],
      ['/dev/zero', /not a certificate file/],
      ['.', /not a certificate file/],
      ['missing.crt', /ENOENT/],
    ];
    for (const [caFile, message] of wrong)
      await assert.rejects(readTlsIdentity({ ...SETTINGS, caFile }, folder), failsAs('badCertificate', message));
  });

  it('reads no more than a certificate can have, whatever the file system says of the size', async function () {
    if (process.platform !== 'linux') return this.skip();
    const before = process.memoryUsage().rss;
    // These have a size of 0, and hundreds of gigabytes.
    for (const name of ['/proc/self/pagemap', '/proc/self/mem', '/proc/kmsg', 'pipe.crt'])
      for (const settings of [{ caFile: name }, { certFile: name, keyFile: name }, { pfxFile: name }])
        await assert.rejects(readTlsIdentity({ ...SETTINGS, ...settings }, folder), failsAs('badCertificate'), name);
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
    await assert.rejects(
      readTlsIdentity({ ...SETTINGS, caFile: '${env:'.repeat(100_000) }, folder),
      failsAs('configuration', /too long/),
    );
  });

  it('reads a client certificate, and asks for the passphrase of its key', async () => {
    const { client } = await readTlsIdentity({ ...SETTINGS, certFile: 'own.crt', keyFile: 'own.key' }, folder);
    assert.ok(client && 'key' in client);
    const encrypted = { ...SETTINGS, certFile: 'locked.crt', keyFile: 'locked.key' };
    await assert.rejects(readTlsIdentity(encrypted, folder), failsAs('passphraseNeeded', /is needed/));
    await assert.rejects(readTlsIdentity(encrypted, folder, 'wrong'), failsAs('passphraseNeeded', /does not open/));
    assert.equal((await readTlsIdentity(encrypted, folder, 'open sesame')).client?.passphrase, 'open sesame');
    const mixed = { ...SETTINGS, certFile: 'locked.crt', keyFile: 'own.key' };
    await assert.rejects(readTlsIdentity(mixed, folder), failsAs('badCertificate', /does not belong/));
    await assert.rejects(
      readTlsIdentity({ ...SETTINGS, certFile: 'own.crt' }, folder),
      failsAs('configuration', /both/),
    );
    await assert.rejects(
      readTlsIdentity({ ...SETTINGS, pfxFile: 'own.crt' }, folder),
      failsAs('badCertificate', /not a PKCS#12/),
    );
  });

  it('trusts pinned certificates alone, whatever authorities stand beside them', async () => {
    const [pin] = certificatePins(new X509Certificate(locked.certPem));
    const identity = await readTlsIdentity({ ...SETTINGS, caFile: 'own.crt', pinnedSha256: [pin] }, folder);
    assert.deepEqual(identity, { pins: [pin] });
  });

  it('reads pins as tools print them', () => {
    const hash = createHash('sha256').update(new X509Certificate(own.certPem).raw);
    const [pin] = certificatePins(new X509Certificate(own.certPem));
    assert.equal(hash.digest('hex'), pin);
    const { fingerprint256 } = new X509Certificate(own.certPem);
    const base64 = Buffer.from(pin, 'hex').toString('base64');
    for (const written of [
      pin,
      pin.toUpperCase(),
      fingerprint256,
      `sha256/${base64}`,
      base64,
      `SHA256 Fingerprint=${fingerprint256}`,
    ])
      assert.equal(readPin(written), pin, written);
    const slashes = 'ff'.repeat(32);
    const slashesBase64 = Buffer.from(slashes, 'hex').toString('base64');
    for (const written of [slashesBase64, `sha256/${slashesBase64}`, `sha256//${slashesBase64}`])
      assert.equal(readPin(written), slashes, written);
    for (const wrong of ['', 'abc', pin.slice(1), `${base64}x`])
      assert.throws(() => readPin(wrong), failsAs('configuration', /SHA-256/));
  });
});
