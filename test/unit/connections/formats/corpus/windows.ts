import type { Corpus, PastedCase } from './pastedCase.ts';

const H = { endpoints: ['https://h:2379'] };
const ROOT = { ...H, username: 'root', password: 's3cret' };
const CA = { ...ROOT, caFile: String.raw`C:\certs\ca.pem` };
const LINE = String.raw`etcdctl.exe --endpoints=https://h:2379 --cacert=C:\certs\ca.pem --user root:s3cret`;

const BEFORE = [
  ...['', 'PS> ', 'PS C:\\> ', 'PS C:\\Users\\me\\my files> ', 'C:\\>', 'C:\\Users\\me>', 'D:\\etcd> ', '.\\', '& .\\'],
  ...['C:\\etcd\\', '..\\bin\\', 'start /b ', 'wsl ', '(base) PS C:\\Users\\me> '],
];
const lines = Object.fromEntries(
  BEFORE.map((before): [string, PastedCase] => [
    `behind ${before || 'nothing'}`,
    { text: `${before}${LINE} get /x`, ...CA },
  ]),
);

/** PowerShell and cmd. */
export const WINDOWS: Corpus = {
  ...lines,
  'PowerShell, continued by backticks': {
    text: 'etcdctl `\n  --endpoints=https://h:2379 `\n  --cacert=C:\\certs\\ca.pem `\n  --user root:s3cret `\n  get /x',
    ...CA,
  },
  'PowerShell, continued behind prompts': {
    text: 'PS C:\\> etcdctl.exe `\n>> --endpoints=https://h:2379 `\n>> --user root:s3cret get x',
    ...ROOT,
  },
  'cmd, continued by carets': {
    text: 'etcdctl ^\n  --endpoints=https://h:2379 ^\n  --cacert="C:\\certs\\ca.pem" ^\n  --user root:s3cret get /x',
    ...CA,
  },
  'cmd, continued behind prompts': {
    text: 'C:\\etcd>etcdctl ^\r\nMore? --endpoints=https://h:2379 ^\r\nMore? --user root:s3cret get x',
    ...ROOT,
  },
  "PowerShell's variables": {
    text: '$env:ETCDCTL_ENDPOINTS = "https://h:2379"\n$env:ETCDCTL_CACERT = "C:\\certs\\ca.pem"\n$env:ETCDCTL_USER = "root:s3cret"',
    ...CA,
  },
  "PowerShell's variables in one line": {
    text: "$env:ETCDCTL_ENDPOINTS='https://h:2379'; $env:ETCDCTL_USER='root:s3cret'; etcdctl get x",
    ...ROOT,
  },
  "PowerShell's variables in braces": { text: '${env:ETCDCTL_ENDPOINTS} = "https://h:2379"', ...H },
  "PowerShell's variables, in capitals": { text: '$Env:ETCDCTL_ENDPOINTS="https://h:2379"', ...H },
  "PowerShell's variables behind prompts": {
    text: 'PS C:\\> $env:ETCDCTL_ENDPOINTS = "https://h:2379"\nPS C:\\> $env:ETCDCTL_USER = "root:s3cret"',
    ...ROOT,
  },
  "nushell's variables": {
    text: '$env.ETCDCTL_ENDPOINTS = "https://h:2379"\n$env.ETCDCTL_USER = "root:s3cret"',
    ...ROOT,
  },
  "PowerShell's single quotation marks": {
    text: "$env:ETCDCTL_ENDPOINTS = 'https://h:2379'\n$env:ETCDCTL_USER = 'root:it''s $x'",
    ...H,
    username: 'root',
    password: "it's $x",
  },
  "PowerShell's escape": {
    text: '$env:ETCDCTL_ENDPOINTS = "https://h:2379"\n$env:ETCDCTL_USER = "root:a`$b"',
    ...H,
    username: 'root',
    password: 'a$b',
  },
  "PowerShell's output of a command": {
    text: '$env:ETCDCTL_ENDPOINTS = "https://h:2379"\n$env:ETCDCTL_USER = "root:$(Get-Content s3cret.txt)"',
    ...H,
    username: 'root',
    says: [/password is the output of a command/],
  },
  "PowerShell's variable in a password": {
    text: '$env:ETCDCTL_ENDPOINTS = "https://h:2379"\n$env:ETCDCTL_USER = "root:$env:PW"',
    ...H,
    username: 'root',
    says: [/password stands in the variable PW/],
  },
  ".NET's variables": {
    text: '[Environment]::SetEnvironmentVariable("ETCDCTL_ENDPOINTS", "https://h:2379", "User")\n[System.Environment]::SetEnvironmentVariable("ETCDCTL_USER", "root:s3cret")',
    ...ROOT,
  },
  "cmd's variables": {
    text: 'set ETCDCTL_ENDPOINTS=https://h:2379\nset ETCDCTL_CACERT=C:\\certs\\ca.pem\nset ETCDCTL_USER=root:s3cret',
    ...CA,
  },
  "cmd's variables, quoted": {
    text: 'set "ETCDCTL_ENDPOINTS=https://h:2379"\r\nset "ETCDCTL_USER=root:two words"',
    ...H,
    username: 'root',
    password: 'two words',
  },
  "cmd's variables before a command": {
    text: 'set ETCDCTL_USER=root:s3cret&& etcdctl --endpoints=https://h:2379 get x',
    ...ROOT,
  },
  "cmd's variables in capitals": { text: 'SET ETCDCTL_ENDPOINTS=https://h:2379', ...H },
  'lasting variables': { text: 'setx ETCDCTL_ENDPOINTS "https://h:2379"\nsetx ETCDCTL_USER root:s3cret /M', ...ROOT },
  "cmd's own variables": { text: 'set EP=https://h:2379\netcdctl --endpoints=%EP% get x', ...H },
  "cmd's unknown variables": {
    text: 'etcdctl --endpoints=%ENDPOINTS% --user root:%SECRET% get x',
    endpoints: [],
    username: 'root',
    placeholders: ['$ENDPOINTS'],
    says: [/"\$ENDPOINTS" is not an endpoint: it is a placeholder/, /password stands in the variable SECRET/],
  },
  'a path in quotation marks': {
    text: String.raw`etcdctl --endpoints=https://h:2379 --cacert "C:\my certs\ca.pem" get x`,
    ...H,
    caFile: String.raw`C:\my certs\ca.pem`,
  },
  'a path with doubled backslashes': {
    text: String.raw`etcdctl --endpoints=https://h:2379 --cacert "C:\\certs\\ca.pem" get x`,
    ...H,
    caFile: String.raw`C:\certs\ca.pem`,
  },
  'a path with slashes': {
    text: 'etcdctl --endpoints=https://h:2379 --cacert C:/certs/ca.pem get x',
    ...H,
    caFile: 'C:/certs/ca.pem',
  },
  'a relative path': {
    text: String.raw`etcdctl --endpoints=https://h:2379 --cacert=.\certs\ca.pem --cert=..\a.pem --key=keys\a.key get x`,
    ...H,
    caFile: String.raw`.\certs\ca.pem`,
    certFile: String.raw`..\a.pem`,
    keyFile: String.raw`keys\a.key`,
  },
  'a path on another machine': {
    text: String.raw`etcdctl --endpoints=https://h:2379 --cacert \\server\share\ca.pem get x`,
    ...H,
    caFile: String.raw`\\server\share\ca.pem`,
  },
  'curl.exe': { text: String.raw`curl.exe --cacert C:\certs\ca.pem -u root:s3cret https://h:2379/v2/keys`, ...CA },
  'curl with a client certificate on a drive': {
    text: String.raw`curl --cert C:\c\a.pem --key C:\c\a.key https://h:2379/v2/keys`,
    ...H,
    certFile: String.raw`C:\c\a.pem`,
    keyFile: String.raw`C:\c\a.key`,
  },
  'curl for cmd, as a browser copies it': {
    text: 'curl ^"https://h:2379/v3/auth/authenticate^" ^\r\n  --data-raw "{\\"name\\":\\"root\\",\\"password\\":\\"s3cret\\"}"',
    ...ROOT,
  },
  'a program in quotation marks': {
    text: '& "C:\\Program Files\\etcd\\etcdctl.exe" --endpoints=https://h:2379 --user root:s3cret get x',
    ...ROOT,
  },
  'an .env file with a path': {
    text: 'ETCDCTL_ENDPOINTS=https://h:2379\r\nETCDCTL_CACERT=C:\\certs\\ca.pem\r\nETCDCTL_USER=root:s3cret',
    ...CA,
  },
};
