import { l10n, ThemeColor } from 'vscode';
import type { ConnectionColor } from './connectionProfile.ts';

/** Returns the theme's shade of a connection's color. */
export function themeColor(color: ConnectionColor): ThemeColor {
  return new ThemeColor(`charts.${color}`);
}

/** Names a color. */
export function colorText(color: ConnectionColor): string {
  switch (color) {
    case 'red':
      return l10n.t('red');
    case 'orange':
      return l10n.t('orange');
    case 'yellow':
      return l10n.t('yellow');
    case 'green':
      return l10n.t('green');
    case 'blue':
      return l10n.t('blue');
    case 'purple':
      return l10n.t('purple');
  }
}
