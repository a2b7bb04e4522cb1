import { env, l10n, Uri } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import { liveOf } from '../../connections/pastConnection.ts';
import { endpointOrigin } from '../../connections/settings/origins.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { confirm } from '../../ui/confirm.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pathTargets, revealPath } from '../context/targets.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { browseAt, storeWithHistory } from '../past/pastCommands.ts';
import { linkQuery, parseLink, type LinkedConnection, type LinkedPlace } from './linkAddress.ts';

/** Copies a link that opens the key or folder in a colleague's editor; for a view of the past, at its revision. */
export async function copyLink(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: l10n.t('Copy Link'),
    placeholder: l10n.t('Type the path of a key or a folder'),
  });
  const links = targets.map(({ connection, kind, path }) =>
    linkTo(context, connection, { kind, path, revision: connection.revision }),
  );
  await copyText(links.join('\n'));
}

/** Copies a link that repeats the search in a colleague's editor. */
export async function copySearchLink(context: CommandContext): Promise<void> {
  const { request } = context.search;
  if (!request) throw new EtcdError('notFound', l10n.t('There is no search to link to. Run "etcd: Find Keys…" first.'));
  const { connection, folder, query } = request;
  await copyText(linkTo(context, connection, { kind: 'search', path: folder, query }));
}

/**
 * Opens the place in a link, if there is such a connection. Asks before it connects; never changes a connection.
 * @param argument the link's address from the system; without it, the user pastes the link
 */
export async function openLink(context: CommandContext, argument: unknown): Promise<void> {
  const uri = argument instanceof Uri ? argument : await askLink();
  const { connection: linked, place } = parseLink(uri.authority === context.extensionId ? uri.query : '');
  const connection = connectionOf(context, linked);
  if (connection.state.kind !== 'connected') {
    const what = l10n.t(
      'A link asks to show {0}. It connects to {1}.',
      placeText(place),
      connection.endpoints.join(', '),
    );
    if (!(await confirm(l10n.t('Connect to {0}?', connection.name), [what], l10n.t('Connect')))) throw cancelled();
  }
  if (place.kind === 'search')
    return await context.search.start({ connection, folder: place.path, query: place.query });
  const { kind, path, revision } = place;
  if (revision === undefined) {
    if (kind === 'key') await context.documents.open(connection, path);
    return await revealPath(context, connection, path);
  }
  await storeWithHistory(connection);
  await browseAt(context, connection, revision, path);
  if (kind === 'key') await context.documents.open(context.connections.pastOf(connection) ?? connection, path);
}

async function askLink(): Promise<Uri> {
  const text = await window.showInputBox({
    title: l10n.t('Open Link'),
    prompt: l10n.t('Paste a link that "etcd: Copy Link" has made.'),
    ignoreFocusOut: true,
  });
  if (text === undefined) throw cancelled();
  return Uri.parse(text.trim());
}

function connectionOf({ connections }: CommandContext, { name, endpoints }: LinkedConnection): Connection {
  const wanted = originsText(endpoints);
  const found = connections.configured.find(
    (each) => each.name === name && originsText(each.profile.settings.endpoints) === wanted,
  );
  if (found) return found;
  throw new EtcdError(
    'notFound',
    l10n.t(
      'You have no connection "{0}" to {1}, which this link is about. A link adds no connection: add it, then open the link again.',
      name,
      endpoints.join(', '),
    ),
  );
}

/** Returns endpoints in a form that does not depend on their order and spelling. */
function originsText(endpoints: readonly string[]): string {
  return endpoints
    .map((each) => originOf(each))
    .toSorted()
    .join(' ');
}

function originOf(endpoint: string): string {
  try {
    return endpointOrigin(endpoint);
  } catch (error) {
    if (EtcdError.is(error)) return '';
    throw error;
  }
}

function linkTo({ extensionId }: CommandContext, connection: Connection, place: LinkedPlace): string {
  const { name, profile, file } = liveOf(connection);
  if (file) throw new EtcdError('unsupported', l10n.t('A link cannot lead to a file, which others may not have.'));
  const query = linkQuery({ connection: { name, endpoints: profile.settings.endpoints.map(endpointOrigin) }, place });
  return Uri.from({ scheme: env.uriScheme, authority: extensionId, path: '/open', query }).toString();
}

function placeText(place: LinkedPlace): string {
  if (place.kind === 'search') return l10n.t('a search for {0}', place.query.pattern);
  return place.kind === 'key'
    ? l10n.t('the key {0}', keyText(place.path))
    : l10n.t('the folder {0}', keyText(place.path));
}

async function copyText(links: string): Promise<void> {
  await env.clipboard.writeText(links);
  await window.showInformationMessage(
    l10n.t('The link is copied. It opens for everyone who has a connection of this name to these endpoints.'),
  );
}
