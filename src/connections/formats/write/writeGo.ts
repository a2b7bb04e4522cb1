import { goString } from './quoting.ts';
import { goDuration } from '../read/durations.ts';
import { keyArgument, leaveOutTls, PASSWORD_PLACEHOLDER, PASSWORD_VARIABLE, v2Path, type Copy } from './copy.ts';

const DEFAULT_CONNECT_SECONDS = 10;
const DEFAULT_HEADER_SECONDS = 60;
/** Limit of the keys that the copied program lists. */
const LIST_LIMIT = 100;

type GoField = readonly [name: string, value: string];

/** Writes a Go program that connects with the API's driver, and reads the key or lists the keys. */
export function copyAsGo(copy: Copy, api: 'v2' | 'v3'): string {
  leaveOutTls(copy, ['pinnedSha256', 'pfxFile']);
  const tls = tlsLines(copy);
  const body = api === 'v2' ? v2Body(copy) : v3Body(copy);
  const main = [...tls, ...body].map((line) => (line === '' ? '' : `\t${line}`)).join('\n');
  return `package main\n\n${imports(main, api)}\n\nfunc main() {\n${main}\n}\n`;
}

function v2Body(copy: Copy): string[] {
  const { connection, prefix } = copy;
  const connect = goDuration(connection.connectTimeout ?? DEFAULT_CONNECT_SECONDS);
  const transport: GoField[] = [
    ['DialContext', `(&net.Dialer{Timeout: ${connect}}).DialContext`],
    ['TLSHandshakeTimeout', connect],
    ...(usesTls(copy) ? [['TLSClientConfig', 'tlsConfig'] as const] : []),
  ];
  const config: GoField[] = [
    ['Endpoints', endpoints(copy)],
    ['Transport', 'transport'],
    ['HeaderTimeoutPerRequest', goDuration(connection.headerTimeout ?? DEFAULT_HEADER_SECONDS)],
    ...credentials(copy),
  ];
  return [
    ...literal('transport := &http.Transport', transport, ''),
    ...literal('etcd, err := client.New(client.Config', config, ')'),
    ...stopOnError(),
    `response, err := client.NewKeysAPI(etcd).Get(context.Background(), ${goString(v2Path(copy))}, nil)`,
    ...stopOnError(),
    ...(prefix
      ? ['for _, node := range response.Node.Nodes {', '\tfmt.Println(node.Key)', '}']
      : ['fmt.Println(response.Node.Value)']),
  ];
}

function v3Body(copy: Copy): string[] {
  const { connection, prefix } = copy;
  const config: GoField[] = [
    ['Endpoints', endpoints(copy)],
    ['DialTimeout', goDuration(connection.connectTimeout ?? DEFAULT_CONNECT_SECONDS)],
    ...(usesTls(copy) ? [['TLS', 'tlsConfig'] as const] : []),
    ...credentials(copy),
  ];
  const limit = goDuration(connection.headerTimeout ?? DEFAULT_HEADER_SECONDS);
  const key = keyArgument(copy);
  const lists = prefix || key === undefined;
  const options = [
    ...(lists ? ['clientv3.WithPrefix()', 'clientv3.WithKeysOnly()', `clientv3.WithLimit(${LIST_LIMIT})`] : []),
    ...(copy.revision === undefined ? [] : [`clientv3.WithRev(${copy.revision})`]),
  ];
  return [
    ...literal('etcd, err := clientv3.New(clientv3.Config', config, ')'),
    ...stopOnError(),
    'defer etcd.Close()',
    `ctx, cancel := context.WithTimeout(context.Background(), ${limit})`,
    'defer cancel()',
    `response, err := etcd.Get(${['ctx', goString(key ?? ''), ...options].join(', ')})`,
    ...stopOnError(),
    'for _, kv := range response.Kvs {',
    `\tfmt.Println(string(kv.${lists ? 'Key' : 'Value'}))`,
    '}',
  ];
}

function tlsLines(copy: Copy): string[] {
  const { ca, caFile, certFile, keyFile, serverName } = copy.connection;
  if (!usesTls(copy)) return [];
  const trusted = ca ?? caFile;
  const authority = ca === undefined ? [`ca, err := os.ReadFile(${goString(caFile ?? '')})`, ...stopOnError()] : [];
  const pool = [
    ...authority,
    'pool := x509.NewCertPool()',
    `if !pool.AppendCertsFromPEM(${ca === undefined ? 'ca' : `[]byte(${goString(ca.trim())})`}) {`,
    '\tlog.Fatal("no certificate found")',
    '}',
  ];
  const hasClient = certFile !== undefined && keyFile !== undefined;
  const client = hasClient
    ? [`certificate, err := tls.LoadX509KeyPair(${goString(certFile)}, ${goString(keyFile)})`, ...stopOnError()]
    : [];
  const config: GoField[] = [
    ['MinVersion', 'tls.VersionTLS12'],
    ...(trusted === undefined ? [] : [['RootCAs', 'pool'] as const]),
    ...(serverName === undefined ? [] : [['ServerName', goString(serverName)] as const]),
    ...(hasClient ? [['Certificates', '[]tls.Certificate{certificate}'] as const] : []),
  ];
  return [...(trusted === undefined ? [] : pool), ...client, ...literal('tlsConfig := &tls.Config', config, '')];
}

function credentials({ connection: { username }, password }: Copy): GoField[] {
  if (username === undefined) return [];
  const value = {
    variable: () => `os.Getenv(${goString(PASSWORD_VARIABLE)})`,
    placeholder: () => goString(PASSWORD_PLACEHOLDER),
    literal: () => goString(password.kind === 'literal' ? password.password : ''),
  }[password.kind]();
  return [
    ['Username', goString(username)],
    ['Password', value],
  ];
}

function usesTls({ connection }: Copy): boolean {
  return connection.endpoints.some((endpoint) => endpoint.startsWith('https:'));
}

function endpoints({ connection }: Copy): string {
  return `[]string{${connection.endpoints.map(goString).join(', ')}}`;
}

/** Formats a composite literal as gofmt does. */
function literal(start: string, fields: readonly GoField[], end: string): string[] {
  const width = Math.max(...fields.map(([name]) => name.length)) + 2;
  return [`${start}{`, ...fields.map(([name, value]) => `\t${`${name}:`.padEnd(width)}${value},`), `}${end}`];
}

function stopOnError(): string[] {
  return ['if err != nil {', '\tlog.Fatal(err)', '}'];
}

/** Returns the imports that the code uses; Go rejects unused and missing ones. */
function imports(code: string, api: 'v2' | 'v3'): string {
  const standard = ['context', 'crypto/tls', 'crypto/x509', 'fmt', 'log', 'net', 'net/http', 'os', 'time'];
  const withoutTexts = code.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""');
  const used = standard.filter((path) =>
    new RegExp(`(?<![\\w.])${path.slice(path.lastIndexOf('/') + 1)}\\.[A-Z]`).test(withoutTexts),
  );
  const driver = api === 'v2' ? '"go.etcd.io/etcd/client/v2"' : 'clientv3 "go.etcd.io/etcd/client/v3"';
  return `import (\n${used.map((path) => `\t"${path}"\n`).join('')}\n\t${driver}\n)`;
}
