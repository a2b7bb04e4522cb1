import assert from 'node:assert/strict';
import { MASK, maskSecrets } from '../../../src/etcd/secrets/maskSecrets.ts';
import { isSecretName } from '../../../src/etcd/secrets/secretNames.ts';
import { readableValue } from '../../../src/etcd/secrets/readableValue.ts';

const KEY = 'PRIVATE KEY';
const SECRET = 'hunter2';
const masked = (text: string, key = '/app/config') => maskSecrets(key, text).text;

describe('the names of secrets', () => {
  for (const name of [
    ...['password', 'DB_PASSWORD', 'dbpassword', 'clientSecret', 'api-key', 'apiKey', 'APIKEY', 'accessToken'],
    ...['/registry/secrets/default/x', '/app/db/pwd', 'db.pass', 'aws_secret_access_key', 'jwt', 'private.key'],
  ])
    it(`include ${name}`, () => assert.ok(isSecretName(name)));
  for (const name of ['/config/app', 'author', 'compass', 'keyboard', 'bypass', 'passenger', 'primary_key', 'salted'])
    it(`do not include ${name}`, () => assert.ok(!isSecretName(name)));
});

describe('masked secrets', () => {
  for (const [what, text] of Object.entries({
    YAML: `user: app\npassword: ${SECRET}\n`,
    'a block of YAML': `password: |\n  ${SECRET}\n  ${SECRET}\nuser: app`,
    'a mapping below a name': `secrets:\n  db: ${SECRET}\nuser: app`,
    'an item of a list': `- name: DB_PASSWORD\n  value: ${SECRET}\n- user: app`,
    JSON: `{"user":"app","password":"${SECRET}"}`,
    'an object in JSON': `{"user":"app","credentials":{"a":["${SECRET}"]}}`,
    'a variable in JSON': `{"user":"app","env":[{"name":"DB_PASSWORD","value":"${SECRET}"}]}`,
    'JSON with comments': `{\n  // app\n  "user": "app",\n  "password": "${SECRET}",\n}`,
    'variables of an environment': `user=app\nexport DB_PASSWORD='${SECRET}'`,
    TOML: `user = "app"\npassword = "${SECRET}"`,
    XML: `<user>app</user>\n<password>${SECRET}</password>`,
    'a name after other words': `use app as user and password ${SECRET}`,
    'options of a command': `run --user app --password ${SECRET}`,
    'a query': `https://host/app?user=app&token=${SECRET}`,
    'an address': `url = postgres://app:${SECRET}@db/app`,
    'a header': `user: app\nAuthorization: Bearer ${SECRET}${SECRET}`,
    'a private key': `app\n-----BEGIN RSA ${KEY}-----\n${SECRET}\n-----END RSA ${KEY}-----\n`,
    'a private key without an end': `app\n-----BEGIN ${KEY}-----\n${SECRET}`,
  }))
    it(`include ${what}, and nothing before`, () => {
      const shown = masked(text);
      assert.ok(!shown.includes(SECRET), shown);
      assert.ok(shown.includes('app') && shown.includes(MASK), shown);
    });

  for (const text of [
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
    'AKIAIOSFODNN7EXAMPLE',
    'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
    '$2b$12$abcdefghijklmnopqrstuuN9qo8uLOickgx2ZMRZoMye',
    '0123456789abcdef0123456789abcdef',
    'wJalrXUtnFEMI0K7MDENG1bPxRfiCYEXAMPLEKEY9',
  ])
    it(`include the shape of ${text}`, () => {
      assert.equal(masked(`value is ${text} now`), `value is ${MASK} now`);
    });

  it('are all of a value whose key says so, and of a secret of Kubernetes', () => {
    assert.equal(masked('anything', '/db/password'), MASK);
    assert.equal(masked('apiVersion: v1\nkind: Secret\ndata:\n  a: b\n'), MASK);
    assert.equal(masked('{"kind":"Secret","data":{"a":"b"}}'), MASK);
  });

  for (const text of [
    '{"color":"blue",   "size": 3}',
    'image: app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n',
    'https://example.com/a/b?c=d',
    'id: 123e4567-e89b-12d3-a456-426614174000',
    '',
  ])
    it(`leave ${JSON.stringify(text)} as it is`, () => {
      assert.deepEqual(maskSecrets('/app', text), { text, masked: false });
    });

  it('take a bounded time', () => {
    const start = performance.now();
    for (const piece of ['a ', 'a:', '://:', '"', 'eyJ', 'Aa1', '-----BEGIN ', '\n password', '$1$'])
      masked(piece.repeat(64 * 1024));
    assert.ok(performance.now() - start < 20_000);
  });
});

describe('a readable value', () => {
  const read = (value: Uint8Array, masks = true) => readableValue(Buffer.from('/app'), value, masks);

  it('is undefined for bytes', async () => {
    assert.equal(await read(Uint8Array.of(0xff, 0xfe)), undefined);
    assert.equal(await read(Buffer.from('a\0b')), undefined);
    assert.equal(await read(Buffer.from('k8s:enc:aescbc:v1:key:x')), undefined);
  });

  it('is a Kubernetes object as YAML, without secrets', async () => {
    const object = { apiVersion: 'x.io/v1', kind: 'App', metadata: { name: 'a' }, spec: { password: SECRET } };
    const value = Buffer.from(`${JSON.stringify(object)}\n`);
    const shown = await read(value);
    assert.ok(shown?.text.includes('kind: App') && !shown.text.includes(SECRET));
    assert.ok((await read(value, false))?.text.includes(SECRET));
  });

  it('ends at its limit between two characters', async () => {
    const shown = await read(Buffer.from(`a${'ö'.repeat(200_000)}`), false);
    assert.equal(shown?.cut, true);
    assert.match(shown.text, /^aö+$/);
  });
});
