import { l10n, QuickPickItemKind, ThemeIcon, window, type QuickPickItem } from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { EtcdError } from '../etcd/errors.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import type { KeyStore, LeaseInfo, Leases, Lifetime } from '../etcd/keyStore.ts';
import { leaseText } from '../etcd/leaseText.ts';
import { confirm, confirmByTyping } from '../ui/confirm.ts';
import type { CommandContext } from './commandContext.ts';
import { askLifetime } from './lifetimeQuestion.ts';
import { connectionTarget, pathTargets, writableStore } from './targets.ts';

/** A key whose value others write all the time is read and written again so often. */
const TRIES = 10;
const KEYS_SHOWN = 500;
const KEYS_NAMED = 10;
const LEASES_SHOWN = 500;

interface Action extends QuickPickItem {
  readonly run?: () => Promise<void> | void;
}

/** Sets, changes or ends the time to live of keys; their values stay. */
export async function setLifetime(context: CommandContext, argument: unknown, selected: unknown): Promise<void> {
  const targets = await pathTargets(context, argument, selected, {
    title: l10n.t('Set Time to Live'),
    placeholder: l10n.t('Type the path of a key'),
  });
  const keys = targets.filter(({ kind }) => kind === 'key');
  const [first] = keys;
  if (!first)
    throw new EtcdError('unsupported', l10n.t('Folders have no time to live that could be set: choose keys.'));
  const store = await writableStore(first.connection);
  const what = keys.length === 1 ? keyText(first.path) : l10n.t('{0} keys', keys.length);
  const lifetime = await sharedLifetime(store, await askLifetime(store, what));
  try {
    for (const { connection, path } of keys) await giveLifetime(await writableStore(connection), path, lifetime);
  } finally {
    context.documents.refresh();
    context.showChanges(first.connection);
  }
}

/** Shows the lease of a key, what it holds, and what can be done with it. */
export async function showLease(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Show Lease'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (!target) return;
  const store = await target.connection.store('interactive');
  const { kv } = await store.get(target.path);
  const leases = requireLeases(store, target.connection);
  if (!kv?.lease)
    return void window.showInformationMessage(l10n.t('{0} has no lease: it lives for good.', keyText(target.path)));
  await actOnLease(context, target.connection, leases, kv.lease);
}

/** Lists the leases of a connection. */
export async function showLeases(context: CommandContext, argument: unknown): Promise<void> {
  const connection = await connectionTarget(context, argument);
  const leases = requireLeases(await connection.store('interactive'), connection);
  const all = await leases.list();
  if (all.length === 0) return void window.showInformationMessage(l10n.t('{0} has no lease.', connection.name));
  const infos = await Promise.all(all.slice(0, LEASES_SHOWN).map((lease) => leases.info(lease)));
  const items = infos.flatMap((info) => (info ? [{ ...leaseItem(info), lease: info.id }] : []));
  const title = l10n.t('{0} leases of {1}', all.length.toLocaleString(), connection.name);
  const chosen = await window.showQuickPick(items, { title, matchOnDescription: true });
  if (chosen) await actOnLease(context, connection, leases, chosen.lease);
}

/** Lists the leases that this window keeps alive, to end that. */
export async function showKeptLeases({ leaseKeeper }: CommandContext): Promise<void> {
  const items = leaseKeeper.all.map(({ connection, lease }) => ({
    label: leaseText(lease),
    description: connection.name,
    stop: () => leaseKeeper.stop(connection, lease),
  }));
  if (items.length === 0) return void window.showInformationMessage(l10n.t('No lease is kept alive.'));
  (await window.showQuickPick(items, { title: l10n.t('Stop keeping which lease alive?') }))?.stop();
}

async function actOnLease(
  context: CommandContext,
  connection: Connection,
  leases: Leases,
  lease: bigint,
): Promise<void> {
  const info = await leases.info(lease);
  if (!info) throw new EtcdError('notFound', l10n.t('The lease does not exist any more.'));
  const { leaseKeeper } = context;
  const kept = leaseKeeper.keeps(connection, lease);
  const actions: Action[] = connection.isReadOnly
    ? []
    : [
        kept
          ? {
              label: l10n.t('Stop Keeping It Alive'),
              iconPath: new ThemeIcon('debug-stop'),
              run: () => leaseKeeper.stop(connection, lease),
            }
          : {
              label: l10n.t('Keep It Alive'),
              description: l10n.t('until you stop that, or close this window'),
              iconPath: new ThemeIcon('heart'),
              run: () => leaseKeeper.keep(connection, lease),
            },
        {
          label: l10n.t('Revoke It…'),
          description: l10n.t('deletes its keys'),
          iconPath: new ThemeIcon('trash'),
          run: () => revoke(context, connection, leases, info),
        },
        { label: l10n.t('Keys of this lease'), kind: QuickPickItemKind.Separator },
      ];
  const keys = info.keys.slice(0, KEYS_SHOWN).map((key): Action => ({
    label: keyText(key),
    iconPath: new ThemeIcon('symbol-key'),
    run: () => context.documents.open(connection, key),
  }));
  const { label, description } = leaseItem(info);
  const chosen = await window.showQuickPick([...actions, ...keys], { title: `${label}: ${description}` });
  await chosen?.run?.();
}

async function revoke(
  context: CommandContext,
  connection: Connection,
  leases: Leases,
  { id, keys }: LeaseInfo,
): Promise<void> {
  const message = l10n.t('Revoke the lease {0} of {1}?', leaseText(id), connection.name);
  const named = keys.slice(0, KEYS_NAMED).map(keyText);
  const more = keys.length > named.length ? [l10n.t('and {0} more', keys.length - named.length)] : [];
  const detail =
    keys.length === 0
      ? l10n.t('No key has it.')
      : [
          keys.length === 1
            ? l10n.t('This deletes 1 key:')
            : l10n.t('This deletes {0} keys:', keys.length.toLocaleString()),
          ...named,
          ...more,
        ].join('\n');
  const confirmed = connection.isProduction
    ? await confirmByTyping(message, detail, leaseText(id))
    : await confirm(message, detail, l10n.t('Revoke'));
  if (!confirmed) return;
  context.leaseKeeper.stop(connection, id);
  await leases.revoke(id);
  context.documents.refresh();
  context.showChanges(connection);
}

function leaseItem({ id, ttl, grantedTtl, keys }: LeaseInfo): { readonly label: string; readonly description: string } {
  const times = l10n.t('{0} of {1} s left', ttl.toLocaleString(), grantedTtl.toLocaleString());
  const count = keys.length === 1 ? l10n.t('1 key') : l10n.t('{0} keys', keys.length.toLocaleString());
  return { label: l10n.t('Lease {0}', leaseText(id)), description: `${times}, ${count}` };
}

/** All keys of one command share one new lease. */
async function sharedLifetime({ leases }: KeyStore, lifetime: Lifetime): Promise<Lifetime> {
  return leases && typeof lifetime === 'object' && 'ttl' in lifetime
    ? { lease: await leases.grant(lifetime.ttl) }
    : lifetime;
}

async function giveLifetime(store: KeyStore, key: Uint8Array, lifetime: Lifetime): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { kv } = await store.get(key);
    if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} does not exist any more.', keyText(key)));
    const result = await store.put(key, kv.value, kv, { lifetime });
    if (result.outcome === 'written') return;
  }
  throw new EtcdError(
    'unexpected',
    l10n.t('{0} is written by others all the time: its time to live was not changed. Try again.', keyText(key)),
  );
}

function requireLeases({ leases }: KeyStore, { name }: Connection): Leases {
  if (leases) return leases;
  throw new EtcdError('unsupported', l10n.t("{0} has no leases: etcd's v2 API has a time to live at each key.", name));
}
