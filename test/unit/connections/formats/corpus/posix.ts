import type { Corpus, PastedCase } from './pastedCase.ts';

const H = { endpoints: ['https://h:2379'] };
const ROOT = { ...H, username: 'root', password: 's3cret' };
const CA = { ...ROOT, caFile: 'ca.pem' };
const LINE = 'etcdctl --endpoints=https://h:2379 --cacert=ca.pem --user root:s3cret';

const PROMPTS = [
  ...['$ ', '# ', '> ', '% ', 'me@box:~$ ', 'root@box:/etc# ', '[root@box ~]# ', '[me@box etc]$ ', 'bash-5.1$ '],
  ...['sh-4.2# ', '/ # ', '~ $ ', '(venv) me@box:~/src$ ', '➜  ~ ', '❯ ', 'me@box ~ % ', '~/work/app $ '],
];
/** Text around a command that does not change its meaning. */
const WRAPPED: readonly (readonly [string, string])[] = [
  ['sudo ', ''],
  ['ETCDCTL_API=3 ', ' get /x'],
  ['time ', ' get /x | head -3'],
  ['watch -n 2 ', ''],
  ['docker exec -it etcd ', ' member list'],
  ['docker run --rm --network host quay.io/coreos/etcd:v3.5.16 ', ' member list'],
  ['podman exec etcd ', ' endpoint health'],
  ['kubectl exec -it etcd-0 -n kube-system -- ', ' get / --prefix'],
  ['kubectl -n kube-system exec etcd-0 -- sh -c "', ' get /x"'],
  ["kubectl exec etcd-0 -- sh -c 'ETCDCTL_API=3 ", " get /x'"],
  ['docker exec etcd sh -c "', '"'],
  ["docker compose exec etcd bash -lc '", "'"],
  ["ssh root@box '", "'"],
  ['ssh root@box ', ''],
  ["alias e='", "'"],
  ['alias e="', '"'],
  ["alias e '", "'"],
  ["alias -s e='", "'"],
  ['VALUE=$(', ' get /x)'],
  ['VALUE=`', ' get /x`'],
  ['cd /opt/etcd && ./', ' get /x'],
  ['/usr/local/bin/', ' get /x'],
  ['nohup ', ' watch /x > /dev/null 2>&1 &'],
  ['Use `', ' get /x` to read it'],
  ["Don't forget: ", ' get /x'],
  ['- ', ' get /x'],
  ['1. ', ' get /x'],
  ['', ' get /x # the comment'],
  ['', ' get /x;'],
  ['if ! ', ' endpoint health; then exit 1; fi'],
];

const wrapped = Object.fromEntries(
  WRAPPED.map(([before, after]): [string, PastedCase] => [
    `within ${before}…${after}`,
    { text: `${before}${LINE}${after}`, ...CA },
  ]),
);
const prompted = Object.fromEntries(
  PROMPTS.map((prompt): [string, PastedCase] => [
    `behind the prompt ${prompt}`,
    { text: `${prompt}${LINE} get /x`, ...CA },
  ]),
);

/** bash, zsh, dash and fish. */
export const POSIX: Corpus = {
  ...wrapped,
  ...prompted,
  'lines continued by backslashes': {
    text: 'etcdctl \\\n  --endpoints=https://h:2379 \\\n  --cacert=ca.pem \\\n  --user root:s3cret \\\n  get /x',
    ...CA,
  },
  'a backslash with a space behind it': {
    text: 'etcdctl --endpoints=https://h:2379 \\ \n  --user root:s3cret get x',
    ...ROOT,
  },
  'a list continued within a word': {
    text: 'etcdctl --endpoints=https://a:1,\\\nhttps://b:2 get x',
    endpoints: ['https://a:1', 'https://b:2'],
  },
  'lines continued behind prompts': {
    text: '$ etcdctl --endpoints=https://h:2379 \\\n> --user root:s3cret \\\n> get /x',
    ...ROOT,
  },
  'carriage returns': { text: 'etcdctl --endpoints=https://h:2379 \\\r\n  --user root:s3cret get x\r\n', ...ROOT },
  'a curl line': { text: 'curl -L https://root:s3cret@h:2379/v2/keys/ --cacert ca.pem', ...CA },
  'curl with options that have "="': {
    text: 'curl --cacert=ca.pem --user=root:s3cret https://h:2379/v3/kv/range',
    ...CA,
  },
  'curl in a substitution': { text: 'X="$(curl -s -u root:s3cret https://h:2379/v2/keys/x)"', ...ROOT },
  'curl into a pipe': { text: "curl -s -u root:s3cret 'https://h:2379/v2/keys/x?recursive=true'|jq .", ...ROOT },
  'curl with an unquoted query': { text: 'curl -u root:s3cret https://h:2379/v2/keys?a=1&b=2', ...ROOT },
  'curl with a path that etcd does not answer': {
    text: 'curl https://h:2379/s3cret/api',
    ...H,
    says: [/path after https:\/\/h:2379 is not one of etcd's/],
  },
  'exported variables': {
    text: 'export ETCDCTL_ENDPOINTS=https://h:2379\nexport ETCDCTL_USER=root:s3cret ETCDCTL_CACERT=ca.pem',
    ...CA,
  },
  'declared variables': {
    text: 'declare -x ETCDCTL_ENDPOINTS="https://h:2379"\ntypeset -x ETCDCTL_USER=root:s3cret',
    ...ROOT,
  },
  'variables of env': { text: 'env ETCDCTL_ENDPOINTS=https://h:2379 ETCDCTL_USER=root:s3cret etcdctl get x', ...ROOT },
  'variables of fish': {
    text: 'set -x ETCDCTL_ENDPOINTS https://h:2379\nset -gx ETCDCTL_CACERT ca.pem\nset -Ux ETCDCTL_USER root:s3cret',
    ...CA,
  },
  'variables of fish, long options': { text: 'set --export --global ETCDCTL_ENDPOINTS https://h:2379', ...H },
  'a list of fish': {
    text: 'set -x ETCDCTL_ENDPOINTS https://a:1 https://b:2',
    endpoints: ['https://a:1', 'https://b:2'],
  },
  'variables of csh': { text: 'setenv ETCDCTL_ENDPOINTS https://h:2379\nsetenv ETCDCTL_USER root:s3cret', ...ROOT },
  'variables behind prompts': {
    text: 'me@box:~$ export ETCDCTL_ENDPOINTS=https://h:2379\nme@box:~$ export ETCDCTL_USER=root:s3cret',
    ...ROOT,
  },
  "the text's own variables": {
    text: 'HOST_1=10.0.0.1\nHOST_2=10.0.0.2\nENDPOINTS=https://$HOST_1:2379,https://${HOST_2}:2379\netcdctl --endpoints=$ENDPOINTS member list',
    endpoints: ['https://10.0.0.1:2379', 'https://10.0.0.2:2379'],
  },
  'a variable with a default': { text: 'etcdctl --endpoints=${EP:-https://h:2379} get x', ...H },
  'a variable of one command for a later one': {
    text: 'PW=s3cret; etcdctl --endpoints=https://h:2379 --user root:$PW get x',
    ...ROOT,
  },
  'a dollar sign in single quotation marks': {
    text: "etcdctl --endpoints=https://h:2379 --user 'root:$ecret' get x",
    ...H,
    username: 'root',
    password: '$ecret',
  },
  'a quoted password with every sign': {
    text: `etcdctl --endpoints=https://h:2379 --user root --password 'a"b\\c\`d$(e)' get x`,
    ...H,
    username: 'root',
    password: 'a"b\\c`d$(e)',
  },
  "bash's quotation marks with escapes": {
    text: String.raw`etcdctl --endpoints=https://h:2379 --user $'root:it\'s' get x`,
    ...H,
    username: 'root',
    password: "it's",
  },
  'an escaped dollar sign': {
    text: String.raw`etcdctl --endpoints=https://h:2379 --user root:a\$b get x`,
    ...H,
    username: 'root',
    password: 'a$b',
  },
  'typographic quotation marks and dashes': {
    text: 'etcdctl –endpoints=“https://h:2379” —user “root:s3cret” get x',
    ...ROOT,
  },
  'a quotation mark that is not closed': {
    text: "etcdctl --endpoints=https://h:2379 --user 'root:s3cret get x",
    says: [/quotation mark is not closed: etcdctl …/],
  },
  'prose about the programs': { text: 'You can use curl and etcdctl for this, see the manual.' },
  'two commands for one cluster': {
    text: 'etcdctl --endpoints=https://h:2379,https://b:1 member list\ncurl -u root:s3cret https://h:2379/v2/keys',
    endpoints: ['https://h:2379', 'https://b:1'],
    username: 'root',
    password: 's3cret',
  },
  'two commands for two clusters': {
    text: 'etcdctl --endpoints=https://h:2379 get x\n\netcdctl --endpoints=https://b:1 get x',
    ...H,
    others: [['https://b:1']],
  },
  'two users of one cluster': {
    text: 'etcdctl --endpoints=https://h:2379 --user root:s3cret get x\netcdctl --endpoints=https://h:2379 --user app:s3cret get x',
    ...ROOT,
    others: [['https://h:2379']],
  },
  'a user without an endpoint': {
    text: 'etcdctl --user root:s3cret --cacert ca.pem get x',
    endpoints: [],
    username: 'root',
    password: 's3cret',
    caFile: 'ca.pem',
  },
};
