import { l10n, StatusBarAlignment, ThemeColor, type Disposable, ThemeIcon } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import { window } from '../../ui/text/window.ts';

/** Shows the browsed revision in the status bar; a click changes it. */
export function showPastStatus(connections: Connections): Disposable[] {
  const item = window.createStatusBarItem('etcd.past', StatusBarAlignment.Left);
  item.name = l10n.t('etcd: Browsed Revision');
  item.backgroundColor = new ThemeColor('statusBarItem.warningBackground');
  const update = () => {
    const pasts = connections.pasts;
    const [first] = pasts;
    if (!first) return item.hide();
    item.text = [new ThemeIcon('history'), pasts.map(({ name }) => name).join(', ')];
    item.tooltip = l10n.t('{0} is shown as of revision {1}, read-only.', first.live.name, String(first.revision));
    item.command = { command: 'etcd.browsePast', title: l10n.t('Browse as of Revision…'), arguments: [first] };
    item.show();
  };
  return [item, connections.onDidChange(update)];
}
