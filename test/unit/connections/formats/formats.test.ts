import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { connectionInEnvironment, parseConnection } from '../../../../src/connections/formats/read/parseConnection.ts';
import { selfSigned } from '../../../fixtures/certificates.ts';

const SECRET = 's3cr:t/@ä';
const ENCODED = encodeURIComponent(SECRET);

describe('a connection found in a pasted text', () => {
  let pem = '';
  before(async () => {
    pem = (await selfSigned({ commonName: 'etcd', names: ['127.0.0.1'] })).certPem.trim();
  });

  it('is read from curl for v2', () => {
    const seed = 'curl -L https://user:pass@hostname:2379/v2/keys/ --cacert ./servercert.crt';
    assert.deepEqual(parseConnection(seed), {
      endpoints: ['https://hostname:2379'],
      username: 'user',
      password: 'pass',
      caFile: './servercert.crt',
      api: 'v2',
      notUnderstood: [],
    });
  });

  it('is read from all of curl that says something, over several lines', () => {
    const line =
      'curl -sSLuroot:pw \\\n  --cert ./a.crt --key a.key \\\r\n --connect-timeout 3 -m 20 "https://[::1]:2379/v3/kv/range"';
    assert.deepEqual(parseConnection(line), {
      endpoints: ['https://[::1]:2379'],
      username: 'root',
      password: 'pw',
      certFile: './a.crt',
      keyFile: 'a.key',
      connectTimeout: 3,
      headerTimeout: 20,
      api: 'v3',
      notUnderstood: [],
    });
  });

  it('is read from the request that signs in, and from a header', () => {
    const json = `curl https://h:1/v3/auth/authenticate -d '{"name":"root",\n"password":"pw"}'`;
    const header = `curl -H 'Authorization: Basic ${Buffer.from('root:pw').toString('base64')}' https://h:1/v2/keys`;
    for (const text of [json, header]) {
      const { username, password, notUnderstood } = parseConnection(text);
      assert.deepEqual({ username, password, notUnderstood }, { username: 'root', password: 'pw', notUnderstood: [] });
    }
  });

  it('says that verification is not turned off', () => {
    for (const text of [
      'curl -kL https://h:1/v2/keys/',
      'etcdctl --endpoints https://h:1 --insecure-skip-tls-verify get x',
      'ETCDCTL_ENDPOINTS=https://h:1\nETCDCTL_INSECURE_SKIP_TLS_VERIFY=true',
      'clientv3.Config{Endpoints: []string{"https://h:1"}, TLS: &tls.Config{InsecureSkipVerify: true}}',
    ]) {
      const { endpoints, notUnderstood } = parseConnection(text);
      assert.deepEqual(endpoints, ['https://h:1']);
      assert.match(notUnderstood.join(), /not offered: verification stays on/);
    }
  });

  it('is read from etcdctl with the flags of v2', () => {
    const seed =
      'etcdctl --ca-file servercert.crt --no-sync --peers https://host1:2379,https://host2:2380 -u user:pass ls /';
    assert.deepEqual(parseConnection(seed), {
      endpoints: ['https://host1:2379', 'https://host2:2380'],
      username: 'user',
      password: 'pass',
      caFile: 'servercert.crt',
      api: 'v2',
      sync: false,
      notUnderstood: [],
    });
    const { endpoints, headerTimeout } = parseConnection('$ ./etcdctl -C=h1:1,h2:2 --timeout=1m30s ls');
    assert.deepEqual({ endpoints, headerTimeout }, { endpoints: ['http://h1:1', 'http://h2:2'], headerTimeout: 90 });
  });

  it('is read from etcdctl with the flags of v3', () => {
    const line =
      'sudo docker exec x etcdctl --cacert a.crt --cert=b.crt --key c.key --endpoints h1:1,h2:80 --user root --password "p w" ' +
      '--dial-timeout 500ms --command-timeout=5s get --prefix / | head';
    assert.deepEqual(parseConnection(line), {
      endpoints: ['https://h1:1', 'https://h2:80'],
      username: 'root',
      password: 'p w',
      caFile: 'a.crt',
      certFile: 'b.crt',
      keyFile: 'c.key',
      connectTimeout: 0.5,
      headerTimeout: 5,
      api: 'v3',
      notUnderstood: [],
    });
  });

  it('is read from variables: exported, of a file, before a command, and of the editor itself', () => {
    const expected = { endpoints: ['https://h:1'], username: 'u', password: 'p q', caFile: 'a b.crt', api: 'v3' };
    const variables = {
      ETCDCTL_API: '3',
      ETCDCTL_ENDPOINTS: 'https://h:1',
      ETCDCTL_USER: 'u:p q',
      ETCDCTL_CACERT: 'a b.crt',
    };
    const texts = [
      Object.entries(variables)
        .map(([name, value]) => `export ${name}='${value}'`)
        .join('\n'),
      Object.entries(variables)
        .map(([name, value]) => `${name}="${value}"`)
        .join('\r\n'),
      `${Object.entries(variables)
        .map(([name, value]) => `${name}="${value}"`)
        .join(' ')} etcdctl get x`,
      Object.entries(variables)
        .map(([name, value]) => `export ${name}="${value}"; `)
        .join(''),
      Object.entries(variables)
        .map(([name, value]) => `$env:${name}="${value}"`)
        .join('\n'),
    ];
    for (const text of texts) assert.deepEqual(parseConnection(text), { ...expected, notUnderstood: [] }, text);
    assert.deepEqual(connectionInEnvironment({ ...variables, PATH: '/bin' }), { ...expected, notUnderstood: [] });
    const other = parseConnection('ETCDCTL_PEERS=http://h:1\nETCDCTL_USERNAME=u\nETCDCTL_PASSWORD=p\nETCDCTL_ODD=1');
    assert.deepEqual(other, {
      endpoints: ['http://h:1'],
      username: 'u',
      password: 'p',
      api: 'v2',
      notUnderstood: ['The variable ETCDCTL_ODD is not known here.'],
    });
  });

  it('is read from connection strings, however they are separated', () => {
    for (const separator of [',', ' ', '\n', ', ', ';\n']) {
      const text = [`https://user:${ENCODED}@host1:1001`, `https://user:${ENCODED}@host2:1002`].join(separator);
      assert.deepEqual(parseConnection(text), {
        endpoints: ['https://host1:1001', 'https://host2:1002'],
        username: 'user',
        password: SECRET,
        notUnderstood: [],
      });
    }
    assert.deepEqual(parseConnection('https://me@[2001:db8::1]:2379').endpoints, ['https://[2001:db8::1]:2379']);
    const user = parseConnection('https://me@h:2379');
    assert.equal(user.username, 'me');
    assert.equal('password' in user, false);
  });

  it('says which scheme it takes where none is given', () => {
    const plain = parseConnection('root:pw@etcd.example:2379');
    assert.deepEqual(plain.endpoints, ['http://etcd.example:2379']);
    assert.match(plain.notUnderstood.join(), /No scheme is given for etcd\.example:2379: http/);
    assert.deepEqual(parseConnection(`10.0.0.1:2379\n${pem}`).endpoints, ['https://10.0.0.1:2379']);
  });

  it('refuses sockets, templates and pages, in words without the password', () => {
    const text = `unix:///run/etcd.sock https://user:${ENCODED}@hostname:port/v2/keys see https://docs.example/etcd/start`;
    const { endpoints, username, notUnderstood } = parseConnection(text);
    assert.deepEqual({ endpoints, username }, { endpoints: [], username: 'user' });
    assert.equal(notUnderstood.length, 3);
    assert.match(notUnderstood[0] ?? '', /Unix socket/);
    assert.match(notUnderstood[1] ?? '', /"https:\/\/hostname:port" is not an endpoint: it is a placeholder/);
    assert.match(notUnderstood[2] ?? '', /leads to a page/);
    assert.ok(!notUnderstood.join().includes('s3cr'));
  });

  it('takes no side where users or passwords disagree', () => {
    const users = parseConnection('https://a:1@h1:1001,https://b:1@h2:1002');
    assert.equal(users.username, undefined);
    assert.equal(users.password, undefined);
    assert.match(users.notUnderstood.join(), /Different users/);
    const passwords = parseConnection('https://a:one@h1:1001,https://a:two@h2:1002');
    assert.deepEqual([passwords.username, passwords.password], ['a', undefined]);
    assert.match(passwords.notUnderstood.join(), /Different passwords/);
    assert.ok(!/one\b.*two/.test(passwords.notUnderstood.join()));
  });

  it("reads etcd's variables only, so that a text cannot send other secrets to its endpoint", () => {
    const environment = { ETCD_PASSWORD: 'known', CLOUD_SECRET: 'stolen' };
    const known = parseConnection('curl -u root:"$ETCD_PASSWORD" https://h:1/v2/keys/', environment);
    assert.equal(known.password, 'known');
    const other = parseConnection('curl -u root:$CLOUD_SECRET https://h:1/v2/keys/', environment);
    assert.equal(other.password, undefined);
    assert.match(other.notUnderstood.join(), /variable CLOUD_SECRET, which is not known here/);
    const placeholder = parseConnection("etcdctl --endpoints h:1 -u 'root:<password>' ls /");
    assert.deepEqual([placeholder.username, placeholder.password], ['root', undefined]);
    assert.match(placeholder.notUnderstood.join(), /placeholder/);
  });

  it('is read from Go, for both drivers', () => {
    const v2 = `cfg := client.Config{
      Endpoints: []string{"https://h1:1", \`https://h2:2\`},
      Transport: client.DefaultTransport,
      HeaderTimeoutPerRequest: time.Minute,
      Username: "us\\"er",
      Password: "pass",
    }`;
    assert.deepEqual(parseConnection(v2), {
      endpoints: ['https://h1:1', 'https://h2:2'],
      username: 'us"er',
      password: 'pass',
      headerTimeout: 60,
      api: 'v2',
      notUnderstood: [],
    });
    const v3 = `endpoints := []string{"h1:1"}
      cli, err := clientv3.New(clientv3.Config{Endpoints: endpoints, DialTimeout: 5 * time.Second, TLS: tlsConfig,
        Username: "root", Password: os.Getenv("PW")})`;
    const { notUnderstood, ...rest } = parseConnection(v3);
    assert.deepEqual(rest, { endpoints: ['https://h1:1'], username: 'root', connectTimeout: 5, api: 'v3' });
    assert.match(notUnderstood.join(), /variable PW/);
  });

  it("is read from a certificate alone, and from a hosting console's whole text", () => {
    assert.deepEqual(parseConnection(`\uFEFF${pem.replaceAll('\n', '\r\n')}`), {
      endpoints: [],
      ca: pem,
      notUnderstood: [],
    });
    const text = `Your etcd is ready.\n\nSSL certificate:\n${pem}\n\nConnection strings\n\nhttps://user:pass@host1:1001\nhttps://user:pass@host2:1002\n
      Example: \n curl -L https://user:pass@host1:1001/v2/keys/ --cacert ./servercert.crt\n`;
    assert.deepEqual(parseConnection(text), {
      endpoints: ['https://host1:1001', 'https://host2:1002'],
      username: 'user',
      password: 'pass',
      ca: pem,
      caFile: './servercert.crt',
      api: 'v2',
      notUnderstood: [],
    });
  });

  it('takes no private key, and says when a certificate is cut off or damaged', () => {
    const label = 'PRIVATE KEY';
    const key = `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----`;
    assert.deepEqual(parseConnection(key).endpoints, []);
    assert.match(parseConnection(key).notUnderstood.join(), /"PRIVATE KEY" is not taken/);
    assert.match(parseConnection(pem.slice(0, 200)).notUnderstood.join(), /cut off/);
    assert.match(parseConnection(pem.replace(/\n.{30}/, '\nAAAA')).notUnderstood.join(), /damaged/);
  });

  it('executes and expands nothing', () => {
    const text = 'etcdctl --endpoints "https://h:1" --user "$(cat /etc/passwd):`id`" get x; rm -rf /';
    const { username, password, notUnderstood } = parseConnection(text);
    assert.deepEqual([username, password], [undefined, undefined]);
    assert.match(notUnderstood.join(), /user name is the output of a command.*password is the output of a command/);
  });

  it('says what it does not know, and finds nothing in prose', () => {
    const unknown = parseConnection("etcdctl --odd --endpoints http://h:1 get 'x");
    assert.match(unknown.notUnderstood.join(), /quotation mark is not closed/);
    assert.match(parseConnection('etcdctl --odd --endpoints http://h:1 get x').notUnderstood.join(), /--odd/);
    assert.match(parseConnection('curl --odd http://h:1/v2/keys').notUnderstood.join(), /--odd/);
    assert.deepEqual(parseConnection('Meet me at 12:30, and bring the key: 7.'), { endpoints: [], notUnderstood: [] });
  });
});
