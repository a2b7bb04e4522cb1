import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../src/connections/connection.ts';
import { readProfiles, type ConnectionProfile } from '../../src/connections/settings/connectionProfile.ts';
import { endpointOrigin } from '../../src/connections/settings/origins.ts';
import { Consents } from '../../src/connections/trust/consents.ts';
import { CredentialStore } from '../../src/connections/trust/credentialStore.ts';
import { EtcdError } from '../../src/etcd/errors.ts';
import { selfSigned, type Identity } from '../fixtures/certificates.ts';
import { startRecordingServer, type RecordingServer } from '../fixtures/recordingServer.ts';
import { MemorySecrets, MemoryState } from '../fixtures/vscodeState.ts';

const PASSWORD = 'correct-horse-battery-staple';
const WORDS = [PASSWORD, Buffer.from(`root:${PASSWORD}`).toString('base64'), Buffer.from(PASSWORD).toString('base64')];

/** The attacker owns the workspace's settings and some servers, and must not get the password of `prod`. */
describe('a hostile workspace', () => {
  let folder: string;
  let ours: Identity;
  let theirs: Identity;
  let honest: RecordingServer;
  let plain: RecordingServer;
  let secure: RecordingServer;
  let lookAlike: RecordingServer;
  let credentials: CredentialStore;
  let consents: Consents;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'etcd-hostile-'));
    const names = ['127.0.0.1', '127.0.0.2', 'localhost'];
    [ours, theirs] = await Promise.all([
      selfSigned({ commonName: 'ours', names }),
      selfSigned({ commonName: 'theirs', names }),
    ]);
    await writeFile(join(folder, 'theirs.crt'), theirs.certPem);
    await writeFile(join(folder, 'theirs.key'), theirs.keyPem);
    await symlink(join(folder, 'theirs.crt'), join(folder, 'servercert.crt'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    honest = await startRecordingServer({ tls: ours });
    [plain, secure, lookAlike] = await Promise.all([
      startRecordingServer(),
      startRecordingServer({ tls: theirs }),
      startRecordingServer({ tls: theirs, host: '127.0.0.2' }),
    ]);
    credentials = new CredentialStore(new MemorySecrets(), new MemoryState(), 'file:///victim');
    consents = new Consents(new MemoryState(), new MemoryState());
    const connection = open(profile({}));
    await credentials.set(await connection.credentialScope(), { username: 'root', password: PASSWORD });
    connection.dispose();
  });
  afterEach(() => {
    for (const server of [honest, plain, secure, lookAlike]) server.close();
  });

  /** Returns the user's own `prod`, with someone's changes. */
  function profile(changes: Record<string, unknown>, source: ConnectionProfile['source'] = 'user'): ConnectionProfile {
    const entry = {
      name: 'prod',
      endpoints: [honest.origin],
      ca: ours.certPem,
      username: 'root',
      transport: 'gateway',
      ...changes,
    };
    const [read] = readProfiles([entry], source);
    assert.ok(read);
    return read;
  }

  function open(which: ConnectionProfile): Connection {
    return new Connection(which, {
      credentials,
      consents,
      offerTrust: () => undefined,
      logRequest: () => undefined,
      tunnelGuard: '',
    });
  }

  /** Connects as far as possible, with the victim's consent to read the files and to contact the endpoints. */
  async function lure(which: ConnectionProfile): Promise<void> {
    const connection = open(which);
    try {
      await consents.allowFiles(which, which.settings.endpoints.map(endpointOrigin));
      const { origins, identity } = await connection.credentialScope();
      await consents.allowContact(which, origins, identity);
      const store = await connection.store('background');
      await store.get(Uint8Array.of(1));
    } catch (error) {
      assert.ok(EtcdError.is(error), String(error));
      for (const word of WORDS) assert.ok(!error.message.includes(word), error.message);
    } finally {
      connection.dispose();
    }
  }

  function assertNothingLeaked(...servers: readonly RecordingServer[]): void {
    for (const server of servers) for (const word of WORDS) assert.ok(!server.received().includes(word), server.origin);
  }

  it('would give the password to the server that it was stored for', async () => {
    await lure(profile({}));
    assert.ok(honest.received().includes(PASSWORD));
  });

  const attacks: readonly (readonly [string, () => Record<string, unknown>])[] = [
    ['another host', () => ({ endpoints: [lookAlike.origin], ca: theirs.certPem })],
    ['another port of the same host', () => ({ endpoints: [secure.origin], ca: theirs.certPem })],
    ['another port that shows a copied certificate setting', () => ({ endpoints: [secure.origin] })],
    ['plain http', () => ({ endpoints: [plain.origin], ca: undefined })],
    ['an added endpoint before ours', () => ({ endpoints: [plain.origin, honest.origin] })],
    ['an added endpoint after ours', () => ({ endpoints: [honest.origin, secure.origin] })],
    ['another certificate', () => ({ ca: theirs.certPem })],
    ['one more certificate', () => ({ ca: `${ours.certPem}\n${theirs.certPem}` })],
    [
      'a pin of another certificate',
      () => ({ endpoints: [secure.origin], ca: undefined, pinnedSha256: ['0'.repeat(64)] }),
    ],
    ['another server name', () => ({ serverName: 'localhost' })],
    ['a look-alike host name', () => ({ endpoints: [`http://localhost:${plain.port}`], ca: undefined })],
    [
      'a symlinked certificate file',
      () => ({ endpoints: [secure.origin], ca: undefined, caFile: join(folder, 'servercert.crt') }),
    ],
    [
      'a certificate file that is a key',
      () => ({ endpoints: [secure.origin], ca: undefined, caFile: join(folder, 'theirs.key') }),
    ],
    ['a certificate file that is a device', () => ({ endpoints: [secure.origin], ca: undefined, caFile: '/dev/zero' })],
    ['credentials in the endpoint', () => ({ endpoints: [plain.origin.replace('//', '//root:x@')], ca: undefined })],
    [
      'the v2 API, where passwords travel in each request',
      () => ({ endpoints: [plain.origin], ca: undefined, api: 'v2' }),
    ],
  ];
  for (const [name, changes] of attacks) {
    it(`gets nothing by ${name}, neither as the workspace's connection nor in place of the user's`, async () => {
      await lure(profile(changes(), 'workspace'));
      await lure(profile(changes(), 'user'));
      assertNothingLeaked(plain, secure, lookAlike);
    });
  }

  it("is not contacted at all before the user allows it, and finds no credential of the user's", async () => {
    const connection = open(profile({ endpoints: [plain.origin], ca: undefined }, 'workspace'));
    await assert.rejects(connection.store('background'), (error) => EtcdError.is(error, 'configuration'));
    connection.dispose();
    assert.equal(plain.received(), '');
    await lure(profile({}, 'workspace'));
    assertNothingLeaked(honest);
  });

  it('cannot have a file read before the user allows the connection', async () => {
    const files = [{ caFile: '/proc/self/pagemap' }, { certFile: '/missing', keyFile: '/missing' }, { pfxFile: '/' }];
    for (const named of files) {
      const stranger = profile({ ca: undefined, ...named }, 'workspace');
      const scope = () => open(stranger).credentialScope('background');
      await assert.rejects(scope(), (error) => EtcdError.is(error, 'configuration'));
      await consents.allowFiles(stranger, [honest.origin]);
      await assert.rejects(scope(), (error) => EtcdError.is(error, 'badCertificate'));
    }
  });

  it('cannot send requests on to another origin', async () => {
    const redirecting = await startRecordingServer({ tls: ours, redirectTo: plain.origin });
    const here = profile({ endpoints: [redirecting.origin] });
    const { identity } = await open(profile({})).credentialScope();
    const scope = { profile: here, origins: here.settings.endpoints.map(endpointOrigin), identity };
    await credentials.set(scope, { username: 'root', password: PASSWORD });
    await lure(here);
    assert.ok(redirecting.received().includes(PASSWORD));
    assert.equal(plain.received(), '');
    redirecting.close();
  });

  it('gets nothing when the settings change while the connection is open', async () => {
    const before = open(profile({}));
    await before.store('background').catch(() => undefined);
    before.dispose();
    await lure(profile({ endpoints: [plain.origin], ca: undefined }));
    assertNothingLeaked(plain);
  });
});
