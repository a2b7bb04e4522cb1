import { X509Certificate } from 'node:crypto';
import { l10n, type CancellationToken, type MarkdownString } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { placeText } from '../../connections/settings/connectionSettings.ts';
import type { ConnectionState } from '../../connections/connectionState.ts';
import { objectLines, shownObject } from '../../documents/valueForms.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { TlsIdentity } from '../../etcd/http/tlsIdentity.ts';
import { factsOf } from '../../etcd/keyFacts.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { keyTooltip, type Fact } from '../../ui/keyTooltip.ts';
import { factMarkdown } from '../../ui/text/markdown.ts';
import type { Look } from './layouts/layout.ts';
import { layoutFacts } from './layouts/layoutFacts.ts';
import type { LayoutLooks } from './layouts/layoutLooks.ts';
import type { FolderNode, KeyNode, MessageNode, TreeNode } from './nodes.ts';

/** Returns what a row says when the pointer rests on it; undefined if that is nothing more. */
export async function tooltipOf(
  node: TreeNode,
  looks: Pick<LayoutLooks, 'of'>,
  token: CancellationToken,
): Promise<MarkdownString | string | undefined> {
  switch (node.kind) {
    case 'connection':
      return await tooltipOfConnection(node.connection);
    case 'folder':
      return folderTooltip(node, looks.of(node));
    case 'key':
      return await tooltipOfKey(node, looks.of(node), token);
    case 'message':
      return messageTooltip(node);
    case 'loadMore':
    case 'loading':
      return undefined;
  }
}

async function tooltipOfConnection(connection: Connection): Promise<MarkdownString> {
  const { file, name, revision } = connection;
  if (!file || revision !== undefined) return connectionTooltip(connection);
  // Loaded when the first file's row is hovered over.
  const { fileTooltip } = await import('./fileTooltip.ts');
  return fileTooltip(name, file);
}

async function tooltipOfKey(
  node: KeyNode,
  look: Look | undefined,
  token: CancellationToken,
): Promise<MarkdownString | string> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  try {
    const store = await node.connection.store('background');
    const { kv } = await store.get(node.path, abort);
    const lease = kv?.lease ?? 0n;
    const secondsToLive = lease === 0n ? undefined : await store.leases?.timeToLive(lease, abort.signal);
    const { facts, ...more } = layoutFacts(look, kv?.value);
    const object = kv && (await shownObject(kv.value))?.facts;
    return keyTooltip(node.path, kv && factsOf(kv), {
      secondsToLive,
      facts: [...facts, ...(object ? objectLines(object) : []), ...lockFact(node.connection.locks?.of(node.path))],
      ...more,
    });
  } catch (error) {
    if (EtcdError.is(error)) return error.message;
    throw error;
  }
}

/** Describes a connection: endpoint, server version, user, and the certificates that it trusts. */
export function connectionTooltip(connection: Connection): MarkdownString {
  const { state, profile } = connection;
  const lines: Fact[] = [[l10n.t('Endpoints'), connection.endpoints.join(', ')]];
  if (connection.revision !== undefined)
    lines.push([
      l10n.t('Shown'),
      l10n.t('as of revision {0}, read-only; no command changes anything here', String(connection.revision)),
    ]);
  if (state.kind === 'connected') {
    if (connection.endpoints.length > 1) lines.push([l10n.t('In use'), connection.endpoint]);
    if (state.tunnel !== undefined) lines.push([l10n.t('Tunnel'), l10n.t('{0}, which runs', state.tunnel)]);
    lines.push([l10n.t('Server'), serverText(state)]);
    lines.push([l10n.t('User'), state.username ?? l10n.t('none')]);
    lines.push([l10n.t('TLS'), tlsText(connection.endpoint, state.identity)]);
    const { server, client } = connection.handshake ?? {};
    if (server) lines.push([l10n.t("Server's certificate"), validity(server)]);
    if (client) lines.push([l10n.t('Client certificate'), validity(client)]);
  }
  if (state.kind === 'failed') lines.push([l10n.t('Failed'), state.error.message]);
  lines.push([l10n.t('Defined in'), placeText(profile)]);
  return factMarkdown(connection.name, lines);
}

function folderTooltip({ connection, path, keyCount, expires }: FolderNode, look?: Look): MarkdownString {
  const count = keyCount === undefined ? l10n.t('not counted') : keyCount.toLocaleString();
  const { facts, link } = layoutFacts(look);
  const lines: Fact[] = [...facts, [l10n.t('Keys below'), count]];
  if (expires) lines.push([l10n.t('Expires'), expires.toLocaleString()]);
  lines.push(...lockFact(connection.locks?.ofFolder(path)));
  return factMarkdown(keyText(path), lines, link);
}

/** Returns a failure, or which setting hides rows. */
function messageTooltip({ error, hidden }: MessageNode): string | undefined {
  if (error || hidden === 0) return error?.message;
  return l10n.t(
    'Globs in "hidden" of the connection match them. Numbers of keys include them; Find Keys and Go to Key find them.',
  );
}

/** Says why a key or folder is read-only, if it is. */
function lockFact(lock: string | undefined): Fact[] {
  return lock === undefined ? [] : [[l10n.t('Read-only'), lock]];
}

function serverText({
  api,
  transport,
  proxied,
  serverVersion: reported,
}: Extract<ConnectionState, { kind: 'connected' }>): string {
  const serverVersion = reported || l10n.t('of unknown version');
  if (api === 'v2') return l10n.t('etcd {0}, v2 keys API', serverVersion);
  if (proxied) return l10n.t('etcd {0}, v3 API through the JSON gateway and the proxy of VS Code', serverVersion);
  return transport === 'grpc'
    ? l10n.t('etcd {0}, v3 API by gRPC', serverVersion)
    : l10n.t('etcd {0}, v3 API through the JSON gateway', serverVersion);
}

function tlsText(endpoint: string, { certificateAuthorities, serverName, pins }: TlsIdentity): string {
  if (endpoint.startsWith('http:')) return l10n.t('none: the connection is not encrypted');
  if (pins)
    return pins.length === 1
      ? l10n.t('trusts one pinned certificate')
      : l10n.t('trusts {0} pinned certificates', pins.length);
  const trusted = certificateAuthorities?.map((pem) => {
    const { subject, validTo, fingerprint256 } = new X509Certificate(pem);
    const name = /CN=(.*)/.exec(subject)?.[1] ?? subject;
    return l10n.t(
      '{0} (until {1}, SHA-256 {2}…)',
      name,
      new Date(validTo).toLocaleDateString(),
      fingerprint256.slice(0, 23),
    );
  });
  const who = trusted
    ? l10n.t('trusts {0}', trusted.join('; '))
    : l10n.t("trusts the system's certificate authorities");
  return serverName === undefined ? who : `${who}, ${l10n.t('expects {0}', serverName)}`;
}

function validity({ validTo }: X509Certificate): string {
  return l10n.t('valid until {0}', new Date(validTo).toLocaleString());
}
