import { l10n, ThemeIcon, type QuickPickItem } from 'vscode';
import { secondsOf } from '../../connections/formats/read/durations.ts';
import { EtcdError } from '../../etcd/errors.ts';
import type { KeyStore, Leases, Lifetime } from '../../etcd/keyStore.ts';
import { leaseText } from '../../etcd/leaseText.ts';
import { cancelled } from '../../etcd/cancelled.ts';
import { window } from '../../ui/text/window.ts';

/** Limit of the existing leases that are offered. */
const LEASES_OFFERED = 50;

interface LifetimeItem extends QuickPickItem {
  readonly lifetime: Lifetime | 'ask';
}

/** Asks for the time to live of a key. @throws EtcdError `cancelled` */
export async function askLifetime({ leases }: KeyStore, key: string): Promise<Lifetime> {
  const fixed: LifetimeItem[] = [
    { label: l10n.t('Expire After…'), lifetime: 'ask', iconPath: new ThemeIcon('clock') },
    { label: l10n.t('Never Expire'), lifetime: 'forever', iconPath: new ThemeIcon('lock') },
  ];
  const items = [...fixed, ...(await offeredLeases(leases))];
  const title = l10n.t('Time to live for {0}', key);
  const chosen = await window.showQuickPick(items, { title, ignoreFocusOut: true });
  if (!chosen) throw cancelled();
  return chosen.lifetime === 'ask'
    ? { ttl: await askSeconds(title, l10n.t('etcd deletes the key after that time.')) }
    : chosen.lifetime;
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
      return [{ label: l10n.t('Attach to lease {0}', leaseText(lease)), description, lifetime: { lease } }];
    });
  } catch (error) {
    // Some users may not list all leases.
    if (EtcdError.is(error, 'permissionDenied')) return [];
    throw error;
  }
}

/** Asks for a time in seconds. @param meaning a sentence that describes the effect @throws EtcdError `cancelled` */
export async function askSeconds(title: string, meaning: string): Promise<number> {
  const typed = await window.showInputBox({
    title,
    prompt: l10n.t('Seconds, or a time such as 10m or 1h30m. {0}', meaning),
    ignoreFocusOut: true,
    validateInput: (text) =>
      wholeSeconds(text) === undefined
        ? l10n.t('Enter a number of seconds, or a time such as 10m or 1h30m.')
        : undefined,
  });
  const seconds = typed === undefined ? undefined : wholeSeconds(typed);
  if (seconds === undefined) throw cancelled();
  return seconds;
}

/** Parses whole seconds, at least one, as etcd requires. */
function wholeSeconds(text: string): number | undefined {
  const seconds = Math.ceil(secondsOf(text.trim()) ?? 0);
  return seconds > 0 ? seconds : undefined;
}
