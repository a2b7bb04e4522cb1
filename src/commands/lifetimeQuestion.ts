import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { secondsOf } from '../connections/formats/durations.ts';
import { EtcdError } from '../etcd/errors.ts';
import type { KeyStore, Leases, Lifetime } from '../etcd/keyStore.ts';
import { leaseText } from '../etcd/leaseText.ts';
import { cancelled } from './targets.ts';

/** So many of the leases that exist are offered. */
const LEASES_OFFERED = 50;

interface LifetimeItem extends QuickPickItem {
  readonly lifetime: Lifetime | 'ask';
}

/** Asks how long a key is to live. @throws EtcdError `cancelled` */
export async function askLifetime({ leases }: KeyStore, key: string): Promise<Lifetime> {
  const fixed: LifetimeItem[] = [
    { label: l10n.t('For a time…'), lifetime: 'ask', iconPath: new ThemeIcon('clock') },
    { label: l10n.t('For good'), lifetime: 'forever', iconPath: new ThemeIcon('lock') },
  ];
  const items = offeredLeases(leases).then((offered) => [...fixed, ...offered]);
  const title = l10n.t('How long is {0} to live?', key);
  const chosen = await window.showQuickPick(items, { title, ignoreFocusOut: true });
  if (!chosen) throw cancelled();
  return chosen.lifetime === 'ask' ? { ttl: await askSeconds(title) } : chosen.lifetime;
}

async function offeredLeases(leases: Leases | undefined): Promise<LifetimeItem[]> {
  if (!leases) return [];
  try {
    const ids = (await leases.list()).slice(0, LEASES_OFFERED);
    const times = await Promise.all(ids.map((id) => leases.timeToLive(id)));
    return ids.flatMap((lease, index) => {
      const seconds = times[index];
      if (seconds === undefined) return [];
      const description = l10n.t('{0} s left', seconds.toLocaleString());
      return [{ label: l10n.t('As long as lease {0}', leaseText(lease)), description, lifetime: { lease } }];
    });
  } catch (error) {
    // Not every user may see the leases of all.
    if (EtcdError.is(error, 'permissionDenied')) return [];
    throw error;
  }
}

async function askSeconds(title: string): Promise<number> {
  const typed = await window.showInputBox({
    title,
    prompt: l10n.t('Seconds, or a time such as 10m or 1h30m. The key is deleted when the time is over.'),
    ignoreFocusOut: true,
    validateInput: (text) =>
      wholeSeconds(text) === undefined
        ? l10n.t('Write a number of seconds, or a time such as 10m or 1h30m.')
        : undefined,
  });
  const seconds = typed === undefined ? undefined : wholeSeconds(typed);
  if (seconds === undefined) throw cancelled();
  return seconds;
}

/** etcd takes whole seconds, one at least. */
function wholeSeconds(text: string): number | undefined {
  const seconds = Math.ceil(secondsOf(text.trim()) ?? 0);
  return seconds > 0 ? seconds : undefined;
}
