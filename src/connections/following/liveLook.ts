import { l10n } from 'vscode';
import type { LiveState } from './liveState.ts';

/** The look of a live state: a product icon, a word, and a sentence. */
export interface LiveLook {
  readonly icon: string;
  readonly word: string;
  readonly text: string;
}

export function liveLook(state: LiveState): LiveLook {
  switch (state) {
    case 'live':
      return { icon: 'broadcast', word: l10n.t('live'), text: l10n.t('live: etcd reports every change') };
    case 'polling':
      return {
        icon: 'sync',
        word: l10n.t('polling'),
        text: l10n.t('polling: etcd is asked regularly for changes'),
      };
    case 'interrupted':
      return {
        icon: 'debug-disconnect',
        word: l10n.t('reconnecting'),
        text: l10n.t('interrupted: it continues without missing a change when etcd answers again'),
      };
    case 'idle':
      return {
        icon: 'circle-outline',
        word: l10n.t('idle'),
        text: l10n.t('idle: it is not connected, or nothing of it is visible'),
      };
    case 'off':
      return { icon: 'circle-slash', word: l10n.t('off'), text: l10n.t('off by the setting "etcd.live"') };
  }
}
