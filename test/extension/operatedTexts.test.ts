import assert from 'node:assert/strict';
import { split } from 'shlex';
import { restoreText } from '../../src/commands/cluster/restoreText.ts';
import { etcdctlVariables, notExpressed } from '../../src/commands/terminal/etcdctlVariables.ts';
import type { ConnectionSettings } from '../../src/connections/settings/connectionProfile.ts';
import type { Member } from '../../src/etcd/cluster/clusterAdmin.ts';

describe('the lines that restore a cluster', () => {
  const member = (id: bigint, name: string, peerUrls: readonly string[], isLearner = false): Member => ({
    ...{ id, name, peerUrls, isLearner },
    clientUrls: [],
  });
  const members = [
    member(1n, 'one', ['http://10.0.0.1:2380']),
    member(2n, 'two of $(three)', ['http://10.0.0.2:2380', 'https://two.example:2380']),
    member(3n, 'learner', ['http://10.0.0.3:2380'], true),
    member(0xabcn, '', ['http://10.0.0.4:2380']),
  ];

  it('have the options of each voting member, as one word each', () => {
    const { commands, text } = restoreText(members, "backups/it's here.db");
    const [status, ...lines] = commands.split('\n').map((line) => split(line));
    assert.deepEqual(status, ['etcdutl', 'snapshot', 'status', "backups/it's here.db", '-w', 'table']);
    const cluster = [
      ...['one=http://10.0.0.1:2380', 'two of $(three)=http://10.0.0.2:2380'],
      ...['two of $(three)=https://two.example:2380', 'abc=http://10.0.0.4:2380'],
    ].join(',');
    const line = (name: string, urls: string) => [
      ...['etcdutl', 'snapshot', 'restore', "backups/it's here.db", '--name', name, '--initial-cluster', cluster],
      ...['--initial-advertise-peer-urls', urls, '--data-dir', `${name}.restored`],
    ];
    assert.deepEqual(lines, [
      line('one', 'http://10.0.0.1:2380'),
      line('two of $(three)', 'http://10.0.0.2:2380,https://two.example:2380'),
      line('abc', 'http://10.0.0.4:2380'),
    ]);
    assert.ok(text.includes(commands));
  });

  it('are missing if etcd does not tell the members, which the text says', () => {
    const { commands, text } = restoreText([member(1n, '', [])], 'a.db');
    assert.equal(commands, 'etcdutl snapshot status a.db -w table');
    assert.match(text, /etcd does not tell the members to this user/);
  });

  it('stay within their block, whatever a name contains', () => {
    const { text } = restoreText([member(1n, '```\n# heading', ['http://10.0.0.1:2380'])], 'a.db');
    assert.match(text, /^````sh$/m);
    assert.match(text, /^````$/m);
  });
});

describe('the variables of a terminal with etcdctl', () => {
  const NONE = { ca: undefined, cert: undefined, key: undefined };
  const plain: ConnectionSettings = { name: 'one', endpoints: ['http://127.0.0.1:2379'] };
  const set = (...all: Parameters<typeof etcdctlVariables>) =>
    Object.fromEntries(Object.entries(etcdctlVariables(...all)).filter(([, value]) => value !== null));

  it('are those of the connection, and take out every other one that etcdctl knows', () => {
    const own = { ETCDCTL_ENDPOINTS: 'http://127.0.0.1:2379' };
    assert.deepEqual(set(plain, plain.endpoints, NONE, undefined), own);
    const variables = etcdctlVariables(plain, plain.endpoints, NONE, undefined);
    for (const name of ['API', 'CACERT', 'USER', 'PASSWORD', 'DISCOVERY_SRV', 'INSECURE_SKIP_TLS_VERIFY'])
      assert.equal(variables[`ETCDCTL_${name}`], null);
  });

  it('have files, times and the user, and the password only if it is given', () => {
    const settings = { ...plain, username: 'root', connectTimeout: 1.5, headerTimeout: 30 };
    const files = { ca: '/ca.crt', cert: '/cert.crt', key: '/key.pem' };
    const endpoints = ['https://a:2379', 'https://b:2379'];
    const expected = {
      ...{ ETCDCTL_ENDPOINTS: 'https://a:2379,https://b:2379', ETCDCTL_CACERT: '/ca.crt' },
      ...{ ETCDCTL_CERT: '/cert.crt', ETCDCTL_KEY: '/key.pem', ETCDCTL_USER: 'root' },
      ...{ ETCDCTL_DIAL_TIMEOUT: '1500ms', ETCDCTL_COMMAND_TIMEOUT: '30000ms' },
    };
    assert.deepEqual(set(settings, endpoints, files, undefined), expected);
    assert.deepEqual(set(settings, endpoints, files, 'secret'), { ...expected, ETCDCTL_PASSWORD: 'secret' });
  });

  it('never have a password without its user, whose name a colon would cut', () => {
    const settings = { ...plain, username: 'a:b' };
    assert.deepEqual(Object.keys(set(settings, [], NONE, 'secret')), ['ETCDCTL_ENDPOINTS']);
    assert.match(notExpressed(settings).join(), /colon/);
  });

  it('cannot express these settings, each of which is named', () => {
    assert.deepEqual(notExpressed(plain), []);
    const sentences = notExpressed({
      ...plain,
      ...{ serverName: 'etcd', pinnedSha256: ['ab'], pfxFile: 'client.p12', readOnly: true },
    });
    assert.match(notExpressed({ ...plain, readOnly: ['/a/**'] }).join(), /^Some keys are read-only here/);
    assert.equal(sentences.length, 4);
    for (const word of [/serverName/, /pinned/, /PKCS#12/, /read-only/]) assert.match(sentences.join(), word);
  });
});
