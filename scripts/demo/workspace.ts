import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface DemoConnection {
  /** Origin such as `https://127.0.0.1:2379`. */
  readonly endpoint: string;
  /** The server's certificate, which is its own authority, as PEM text. */
  readonly certPem: string;
  readonly userName: string;
}

const certificateFile = 'servercert.crt';

/** Settings that keep VS Code quiet about everything but etcd, and leave saving to the user. */
const quietWindow = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

function readme({ endpoint, userName }: DemoConnection): string {
  return `# An etcd to try things on

The connection \`hosted\` in \`.vscode/settings.json\` leads to \`${endpoint}\`, signed in as \`${userName}\`.
The terminal that started the demo shows the password; the etcd and all that is in it are gone when that demo ends.

The etcd view and its walkthrough are open. Then:

1. **Look around.** \`/registry\` is what a Kubernetes cluster keeps: built-in kinds in binary, custom resources in JSON
   (\`/registry/argoproj.io/applications/argocd/\`). \`/service\` is Patroni's, \`/traefik\` Traefik's, \`/skydns\` CoreDNS's.
2. **Open a large folder.** \`/sessions/by-id/\` holds 100,000 keys. Watch how soon the first of them are there.
3. **Edit and save.** \`/config/app/application.yaml\` opens as YAML, \`/config/app/database.toml\` as TOML.
   Every second key in \`/features/checkout/\` has no file extension: see what language it opens in.
4. **Meet a conflict.** Change a key here, then the same key elsewhere (\`etcdctl put\`, or a second window), then save.
5. **A key that is also a folder**: \`/config/app\`, and every \`/traefik/http/routers/<name>/tls\`.
6. **Delete** the folder \`/odd/a\`. \`/odd/ab\` and \`/odd/a.b\` stay, although they begin with the same letter.
7. **Leases.** \`/locks/gone-in-ten-minutes\` goes by itself; saving a leased key in \`/services/instances/\` keeps its lease.
8. **Unusual values.** \`/config/catalog/products.json\` is 1 MB, \`/config/app/allowed-origins\` one very long line,
   \`/config/app/maintenance-message\` empty, \`/binary/icon.png\` a picture.
9. **Unusual names.** \`/i18n/\` has many scripts and emoji; \`/odd/\` has spaces, control characters, bytes that are not
   UTF-8, \`//\`, \`..\`, and names that end with a slash. \`app.settings\` and \`jobs/\` have no leading slash.
10. **Ask an agent**, in a VS Code with chat (remove \`chat.disableAIFeatures\` from the settings): "Use #etcdFindKeys to find what has to do with the database in \`/config/app/\`, explain it
    with #etcdReadKey, and propose a connection pool twice as large with #etcdProposeValue."
`;
}

/** Writes a folder to open in VS Code: the server's certificate, the settings that name the connection, and a README. */
export async function writeDemoWorkspace(folder: string, connection: DemoConnection): Promise<void> {
  const { endpoint, certPem, userName } = connection;
  await writeQuietSettings(folder, {
    'etcd.connections': [{ name: 'hosted', endpoints: [endpoint], username: userName, caFile: certificateFile }],
  });
  await writeFile(join(folder, certificateFile), certPem);
  await writeFile(join(folder, 'README.md'), readme(connection));
}

/** Writes the folder's settings, quiet about things other than etcd. */
export async function writeQuietSettings(folder: string, settings: object = {}): Promise<void> {
  await mkdir(join(folder, '.vscode'), { recursive: true });
  const all = { ...settings, ...quietWindow };
  await writeFile(join(folder, '.vscode', 'settings.json'), `${JSON.stringify(all, undefined, 2)}\n`);
}
