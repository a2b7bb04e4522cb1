import type { Corpus, PastedCase } from './pastedCase.ts';

const H = { endpoints: ['https://h:2379'] };
const ROOT = { ...H, username: 'root', password: 's3cret' };
const PLACEHOLDER = /is not an endpoint: it is a placeholder/;
const UNENCODED = /is not URL-encoded: it is taken as written/;

const PLACEHOLDERS = [
  ...[
    'https://hostname:port',
    'https://host2:post2',
    'https://<host>:2379',
    'https://{{host}}:2379',
    'https://h:<port>',
  ],
  ...[
    'https://$HOST:2379',
    'https://*.example:2379',
    'https://your-host:2379',
    'https://x.x.x.x:2379',
    'https://{host}:{port}',
  ],
];
const placeholders = Object.fromEntries(
  PLACEHOLDERS.flatMap((written): [string, PastedCase][] => {
    const expected = { endpoints: [], placeholders: [written], says: [PLACEHOLDER] };
    return [
      [`the placeholder ${written}`, { text: written, ...expected }],
      [
        `the placeholder ${written} in a command`,
        {
          text: `etcdctl --endpoints "${written}" --cacert ca.pem --user root:s3cret get x`,
          ...expected,
          username: 'root',
          password: 's3cret',
          caFile: 'ca.pem',
        },
      ],
    ];
  }),
);

/** Passwords that are not encoded for a URL. */
const PASSWORDS = ['p@ss#s3cret', 's3cret/word', 's3cret?x', '#s3cret', 'a/b@s3cret', 's3cret:x@y'];
const unencoded = Object.fromEntries(
  PASSWORDS.flatMap((password): [string, PastedCase][] => {
    const expected = { ...H, username: 'root', password, says: [UNENCODED] };
    return [
      [`the password ${password}`, { text: `https://root:${password}@h:2379`, ...expected }],
      [
        `the password ${password} in a curl line`,
        { text: `curl 'https://root:${password}@h:2379/v2/keys'`, ...expected },
      ],
    ];
  }),
);

const NO_HOSTS = [
  ...['https://a=b:2379', 'https://-x:2379', 'https://--endpoints=https', 'ftp://h:21', 'https://', 'https://h:99999'],
  ...['https://root:s3cret'],
];
const noHosts = Object.fromEntries(
  NO_HOSTS.map((text): [string, PastedCase] => [`no host: ${text}`, { text, says: [/is not an endpoint/] }]),
);

/** Connection strings, and placeholders for missing values. */
export const STRINGS: Corpus = {
  ...placeholders,
  ...unencoded,
  ...noHosts,
  'an endpoint': { text: 'https://h:2379', ...H },
  'an endpoint with user and password': { text: 'https://root:s3cret@h:2379', ...ROOT },
  'an encoded password': { text: 'https://root:a%40b%23c@h:2379', ...H, username: 'root', password: 'a@b#c' },
  'an encoded password that looks like a variable of cmd': {
    text: 'https://root:%C3%A4%2F@h:2379',
    ...H,
    username: 'root',
    password: 'ä/',
  },
  'a key with @ in the path': { text: 'curl https://root:s3cret@h:2379/v2/keys/me@home', ...ROOT },
  'a password with a comma': {
    text: 'ETCDCTL_ENDPOINTS=https://root:s3,cret@h:2379',
    ...H,
    username: 'root',
    password: 's3,cret',
  },
  'an option alone': { text: '--endpoints=https://h:2379', ...H },
  'a value of any file': { text: 'ENDPOINT=https://root:s3cret@h:2379', ...ROOT },
  'a quoted endpoint': { text: '"https://h:2379",', ...H },
  'an endpoint in angle brackets': { text: '<https://h:2379>', ...H },
  'an endpoint in prose': { text: 'Our etcd is at https://h:2379.', ...H },
  'two strings with a semicolon': { text: 'https://h:2379; https://b:1', endpoints: ['https://h:2379', 'https://b:1'] },
  'a page': {
    text: 'https://docs.example/etcd/start',
    says: [/https:\/\/docs\.example is not taken: it leads to a page/],
  },
  'a page of somebody': { text: 'https://docs.example/@me/start', says: [/leads to a page/] },
  'the scheme of gRPC': { text: 'grpcs://h:2379', ...H },
  'a socket': { text: 'unix:///run/etcd.sock', says: [/Unix socket/] },
  'a template with spaces': {
    text: 'https://{{ host }}:2379',
    placeholders: ['https://{{host}}:2379'],
    says: [PLACEHOLDER],
  },
  'a template with spaces in a command': {
    text: 'etcdctl --endpoints=https://{{ host }}:2379 --user root:{{ password }} get x',
    username: 'root',
    placeholders: ['https://{{host}}:2379'],
    says: [PLACEHOLDER, /password is only a placeholder/],
  },
  'an unknown variable': {
    text: 'etcdctl --endpoints=$ENDPOINTS --user root:s3cret --cacert ca.pem get x',
    username: 'root',
    password: 's3cret',
    caFile: 'ca.pem',
    placeholders: ['$ENDPOINTS'],
    says: [PLACEHOLDER],
  },
  'an unknown variable in double quotation marks': {
    text: 'etcdctl --endpoints="${ENDPOINTS}" get x',
    placeholders: ['$ENDPOINTS'],
    says: [PLACEHOLDER],
  },
  'one real host and a placeholder': {
    text: 'etcdctl --endpoints=https://h:2379,https://host2:post2 get x',
    ...H,
    placeholders: ['https://host2:post2'],
    says: [PLACEHOLDER],
  },
  'a password from a file': {
    text: 'etcdctl --endpoints=https://h:2379 --user root:"$(cat s3cret)" get x',
    ...H,
    username: 'root',
    says: [/password is the output of a command/],
  },
  'a password from a file, in backticks': {
    text: 'etcdctl --endpoints=https://h:2379 --user root --password `cat s3cret` get x',
    ...H,
    username: 'root',
    says: [/password is the output of a command/],
  },
  'a part of a password from a command': {
    text: 'curl -u "root:s3cret$(id)" https://h:2379/v2/keys',
    ...H,
    username: 'root',
    says: [/password is the output of a command/],
  },
  'an address from a command': {
    text: 'etcdctl --endpoints="https://$(hostname -i):2379" get x',
    placeholders: ['https://$(…):2379'],
    says: [PLACEHOLDER],
  },
  'options in a variable': {
    text: 'etcdctl $FLAGS --endpoints=https://h:2379 get x',
    ...H,
    says: [/Options that stand in a variable/],
  },
  'a masked password': {
    text: 'etcdctl --endpoints=https://h:2379 --user root:******** get x',
    ...H,
    username: 'root',
    says: [/password is only a placeholder/],
  },
  'a password to be replaced': {
    text: 'curl -u root:YOUR_PASSWORD https://h:2379/v2/keys',
    ...H,
    username: 'root',
    says: [/password is only a placeholder/],
  },
  'a slash in the password of a cut line': {
    text: "curl 'https://root:s3cret/word",
    says: [/quotation mark is not closed|is not an endpoint/],
  },
  'options alone': { text: '--endpoints https://h:2379 --cacert ca.pem --user root:s3cret', ...ROOT, caFile: 'ca.pem' },
  'names in capitals': {
    text: 'etcdctl --endpoints=https://ETCD_HOST:2379 --user root:PASSWORD get x',
    username: 'root',
    placeholders: ['https://ETCD_HOST:2379'],
    says: [PLACEHOLDER, /password is only a placeholder/],
  },
  nothing: { text: '' },
  'a shopping list': { text: '- milk\n- eggs: 12\n# bread' },
};
