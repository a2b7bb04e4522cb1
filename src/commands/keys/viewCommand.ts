import { commands, l10n, Uri } from 'vscode';
import { viewUriParts } from '../../documents/addresses/viewUri.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { viewValue, VIEWS, type ValueView } from '../../etcd/valueViews/valueViews.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pathTargets } from '../context/targets.ts';

/** Opens a value in another view, which the user chooses among those that it has. */
export async function viewValueAs(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('View Value As'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (target?.kind !== 'key') return;
  const { connection, path: key } = target;
  const { kv } = await (await connection.store('interactive')).get(key);
  if (!kv) throw new EtcdError('notFound', l10n.t('The key {0} no longer exists.', keyText(key)));
  const items = VIEWS.flatMap((view) => {
    const shown = viewValue(view, kv.value);
    if (!shown) return [];
    return [{ view, label: labelOf(view), description: shown.isEditable ? '' : l10n.t('read-only') }];
  });
  if (items.length === 0)
    return void window.showInformationMessage(l10n.t('The value of {0} has no other view.', keyText(key)));
  const chosen = await window.showQuickPick(items, { title: l10n.t('View {0} As', keyText(key)) });
  if (!chosen) return;
  const uri = Uri.from(viewUriParts({ connectionId: connection.id, key, view: chosen.view }));
  await commands.executeCommand('vscode.open', uri, { preview: true });
}

function labelOf(view: ValueView): string {
  switch (view) {
    case 'base64':
      return l10n.t('Base64, decoded');
    case 'gzip':
      return l10n.t('gzip, unpacked');
    case 'zstd':
      return l10n.t('zstd, unpacked');
    case 'jwt':
      return l10n.t('JSON Web Token, not verified');
    case 'times':
      return l10n.t('Text with Unix times');
    case 'latin1':
      return 'Latin-1';
    case 'utf-16le':
      return 'UTF-16 LE';
    case 'utf-16be':
      return 'UTF-16 BE';
    case 'gbk':
      return 'GBK';
    case 'shift_jis':
      return 'Shift-JIS';
  }
}
