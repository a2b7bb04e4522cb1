import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, findOnPath } from '../../../../scripts/setup/command.mjs';
import type { CopiedConnection } from '../../../../src/connections/formats/write/copy.ts';
import { copyAs, type CopyForm } from '../../../../src/connections/formats/write/copyAs.ts';
import { goBytes, goString, hereDocument } from '../../../../src/connections/formats/write/quoting.ts';
import { copyPuts, PUT_FORMS } from '../../../../src/connections/formats/write/writePuts.ts';
import { readProfiles } from '../../../../src/connections/settings/connectionProfile.ts';
import { selfSigned } from '../../../fixtures/certificates.ts';
import { Random } from '../../listing/random.ts';

const SHELL_FORMS = ['etcdctlV3', 'etcdctlV2', 'curlV3', 'curlV2', 'environment'] as const satisfies CopyForm[];
/** What *Copy as Environment* sets, as arguments. */
const VARIABLES = '"$ETCDCTL_CERT" "$ETCDCTL_KEY" "$ETCDCTL_CACERT" "$ETCDCTL_USER"';
const GO = findOnPath('go');
const GOFMT = findOnPath('gofmt');

/** Texts that end the quoted text around them in some language, and then run a command. */
const PIECES = [
  '\nEOF\ntouch PWNED\n',
  '\nEOF2\ntouch PWNED\n',
  "'; touch PWNED; '",
  '"; touch PWNED; "',
  '$(touch PWNED)',
  '`touch PWNED`',
  '`); os.WriteFile("PWNED", nil, 0600) //',
  '"); os.WriteFile("PWNED", nil, 0600) //',
  '\\',
  '\\"',
  '\n',
  '\r\n',
  ' ',
  '#',
  '%s',
  '$HOME',
  '\u202E',
  '\u2028',
  '\uFEFF',
  '🙂',
  '\u{E0001}',
  '\x01',
  'a',
] as const;

function hostile(random: Random): string {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(PIECES)).join('');
}

describe('a copied text with hostile settings and keys', function () {
  this.timeout('2m');
  let certificate = '';
  let folder = '';

  before(async () => {
    certificate = (await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] })).certPem.trim();
  });
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'etcd-hostile-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs the text with a curl and an etcdctl that print their arguments. */
  async function run(text: string): Promise<string[]> {
    const programs = String.raw`curl() { printf '%s\0' "$@" >> ARGS; }; etcdctl() { curl "$@"; }`;
    await writeFile(join(folder, 'ARGS'), '');
    const script = join(folder, 'SCRIPT');
    await writeFile(script, `cd "$FOLDER"\n${programs}\n${text}`);
    const { code, stderr } = await attempt('sh', ['-u', script], {
      env: { PATH: process.env['PATH'], FOLDER: folder, ETCD_PASSWORD: 'secret', HOME: folder },
    });
    assert.equal(code, 0, `${stderr}\n${text}`);
    for (const name of await readdir(folder)) assert.match(name, /^(?:ARGS|SCRIPT|etcd-[\da-f]{8}\.crt)$/, text);
    return (await readFile(join(folder, 'ARGS'), 'utf8')).split('\0');
  }

  const settings = (random: Random) => ({
    username: `u${hostile(random)}`,
    certFile: `c${hostile(random)}`,
    keyFile: `k${hostile(random)}`,
    pfxFile: `p${hostile(random)}`,
    serverName: `s${hostile(random)}`,
  });
  const isCurl = (form: CopyForm) => form === 'curlV3' || form === 'curlV2';

  for (const form of SHELL_FORMS)
    it(`runs nothing of them in a shell as ${form}, and hands them over unchanged`, async () => {
      const random = new Random(3);
      for (let turn = 0; turn < 15; turn++) {
        const fields = settings(random);
        const ca = random.pick([certificate, `${certificate}${hostile(random)}`, hostile(random)]);
        const authority = random.pick([{ ca }, { caFile: `a${hostile(random)}` }]);
        const connection: CopiedConnection = { endpoints: ['https://host:2379'], ...authority, ...fields };
        const key = new TextEncoder().encode(hostile(random));
        const secret = random.pick(['secret', `p${hostile(random)}`]);
        const password =
          secret === 'secret' ? ({ kind: 'variable' } as const) : ({ kind: 'literal', password: secret } as const);
        const { text } = copyAs(form, connection, { key, password });
        const args = await run(form === 'environment' ? `${text}\netcdctl ${VARIABLES}` : text);
        const { username, pfxFile, serverName: _, ...shown } = fields;
        const files = { ...shown, ...('caFile' in authority && authority), ...(isCurl(form) && { pfxFile }) };
        for (const file of Object.values(files)) assert.ok(args.includes(file), text);
        const user = form === 'curlV3' ? JSON.stringify({ name: username, password: secret }) : `${username}:${secret}`;
        assert.ok(args.includes(user), text);
      }
    });

  for (const form of PUT_FORMS)
    it(`runs nothing of keys and values in a shell as ${form}`, async () => {
      const random = new Random(4);
      const encode = (text: string) => new TextEncoder().encode(text);
      for (let turn = 0; turn < 10; turn++) {
        const pairs = Array.from({ length: 1 + random.below(3) }, () => ({
          key: encode(`/${hostile(random)}`),
          value: encode(random.pick([hostile(random), `${hostile(random)}${'x'.repeat(120_000)}\nEOF\ntouch PWNED\n`])),
        }));
        const connection = {
          endpoints: ['https://host:2379'],
          ca: `${certificate}${hostile(random)}`,
          ...settings(random),
        };
        await run(copyPuts(form, connection, pairs).text);
      }
    });

  it('is as hostile as the settings were, so that a settings list keeps certificates only', () => {
    const random = new Random(5);
    for (let turn = 0; turn < 100; turn++) {
      const ca = `${hostile(random)}\n${certificate}\n${hostile(random)}\n${certificate}${hostile(random)}`;
      const [profile] = readProfiles([{ name: 'a', endpoints: ['https://host:2379'], ca }], 'workspace');
      assert.equal(profile?.settings.ca, certificate);
      assert.equal(profile.problem, undefined);
    }
  });

  it('is refused where a certificate in the settings is none', () => {
    const inside = certificate.replace('\n', '\nEOF\ntouch PWNED\n');
    for (const ca of [inside, 'EOF\ntouch PWNED', certificate.slice(0, 300)]) {
      const [profile] = readProfiles([{ name: 'a', endpoints: ['https://host:2379'], ca }], 'workspace');
      assert.doesNotMatch(profile?.settings.ca ?? '', /touch/);
      if (profile?.settings.ca !== certificate) assert.match(profile?.problem ?? '', /the setting "ca"/);
    }
  });

  it('names no host that another program reads as more than a host', () => {
    for (const host of ['good,evil', '$(id)', 'a`id`', "a'b", 'a;b', 'a&b', 'a!b', 'a(b']) {
      const [profile] = readProfiles([{ name: 'a', endpoints: [`https://${host}:2379`] }], 'workspace');
      assert.match(profile?.problem ?? '', /is not an endpoint/, host);
    }
    for (const host of ['bücher.example', '[::1]', 'my_host', '10.0.0.1'])
      assert.equal(readProfiles([{ name: 'a', endpoints: [`https://${host}:2379`] }], 'user')[0]?.problem, undefined);
  });

  it('ends a here-document with a line that is not in it', () => {
    assert.equal(hereDocument('a'), "<<'EOF'\na\nEOF");
    assert.equal(hereDocument('a\nEOF\nEOF2\nb'), "<<'EOF3'\na\nEOF\nEOF2\nb\nEOF3");
  });

  it('is one string in Go, whatever it is', () => {
    const random = new Random(6);
    for (let turn = 0; turn < 500; turn++) {
      const text = hostile(random);
      const literal = goString(text);
      if (literal.startsWith('`')) assert.equal(literal.slice(1, -1).includes('`'), false);
      else assert.match(literal, /^"(?:[^"\\\p{C}\u2028]|\\["\\]|\\u[\da-f]{4}|\\U[\da-f]{8})*"$/u);
    }
    assert.match(goString('a\ud800'), /^"a\uFFFD"$/);
    assert.equal(goBytes(Uint8Array.of(0x61, 0, 0x22, 0xff)), String.raw`"a\x00\x22\xff"`);
  });

  it('is Go that compiles, with its strings unchanged', async function () {
    if (GO === undefined || GOFMT === undefined) return this.skip();
    this.timeout('5m');
    const random = new Random(7);
    const texts = Array.from({ length: 200 }, () => hostile(random));
    const bytes = texts.map((text) => Buffer.from(text));
    const program = [
      'package main',
      'import ("encoding/json"; "os")',
      'func main() {',
      `\ttexts := []string{${texts.map(goString).join(', ')}}`,
      `\tbytes := []string{${bytes.map(goBytes).join(', ')}}`,
      '\tjson.NewEncoder(os.Stdout).Encode([][]string{texts, bytes})',
      '}',
    ].join('\n');
    await writeFile(join(folder, 'main.go'), program);
    const env = { ...process.env, GOCACHE: join(folder, 'cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
    const ran = await attempt(GO, ['run', join(folder, 'main.go')], { env });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout), [texts, texts]);
    for (const form of ['goV3', 'goV2'] as const)
      for (let turn = 0; turn < 20; turn++) {
        const connection = { endpoints: ['https://host:2379'], ca: certificate + hostile(random), ...settings(random) };
        const copied = copyAs(form, connection, { key: Buffer.from(hostile(random)) }).text;
        await writeFile(join(folder, 'copied.go'), copied);
        const checked = await attempt(GOFMT, ['-e', join(folder, 'copied.go')], {});
        assert.equal(checked.code, 0, checked.stderr);
        assert.equal(copied.match(/^func /gm)?.length, 1);
        // Apart from strings, the code must equal that of harmless settings.
        const plain = copyAs(
          form,
          { ...connection, ca: certificate, username: 'u', certFile: 'c', keyFile: 'k', serverName: 's' },
          { key: Buffer.from('a') },
        );
        assert.equal(codeOf(copied), codeOf(plain.text));
      }
  });
});

/** Returns Go code with each of its strings as `""`. */
function codeOf(source: string): string {
  return source.replaceAll(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g, '""');
}
