import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import type { Connection } from '../connection.ts';
import { toolAccess } from './toolAccess.ts';

/** Limit of the names in a sentence. */
const MAX_NAMES = 50;

/**
 * Finds the connection that a tool's caller names, among those that tools may see.
 * @param wanted name or id; may be absent if there is only one
 * @param isTrusted whether the user trusts the workspace, whose texts tell a model what to do
 * @throws EtcdError that names the connections to choose from
 */
export function toolConnection<C extends Pick<Connection, 'id' | 'name' | 'profile'>>(
  connections: { readonly live: readonly C[] },
  wanted: string | undefined,
  isTrusted: boolean,
): C {
  if (!isTrusted)
    throw new EtcdError(
      'configuration',
      l10n.t('Tools of etcd do nothing in Restricted Mode: trust the workspace first.'),
    );
  const visible = connections.live.filter(({ profile }) => toolAccess(profile) !== 'none');
  const named = visible.filter(({ id, name }) => wanted === undefined || id === wanted || name === wanted);
  const [only] = named;
  if (only && named.length === 1) return only;
  if (visible.length === 0)
    throw new EtcdError(
      'configuration',
      l10n.t(
        'No connection to etcd is shown to tools. A production connection needs "languageModelTools" in its settings.',
      ),
    );
  const choices = (named.length > 1 ? named : visible).slice(0, MAX_NAMES);
  throw new EtcdError(
    'configuration',
    l10n.t(
      'Name one of these connections: {0}.',
      choices.map(({ id, name }) => JSON.stringify(named.length > 1 ? id : name)).join(', '),
    ),
  );
}
