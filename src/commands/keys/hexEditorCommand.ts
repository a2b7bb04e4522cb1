import { commands, extensions, l10n, ProgressLocation, Uri } from 'vscode';
import { keyUriParts } from '../../documents/addresses/keyUri.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { pathTargets } from '../context/targets.ts';
import { window } from '../../ui/text/window.ts';

const EXTENSION = 'ms-vscode.hexeditor';
const EDITOR = 'hexEditor.hexedit';

/** Opens the bytes of a key for editing, in the Hex Editor extension. */
export async function openInHexEditor(context: CommandContext, argument: unknown): Promise<void> {
  const [target] = await pathTargets(context, argument, undefined, {
    title: l10n.t('Open in Hex Editor'),
    placeholder: l10n.t('Type the path of a key'),
  });
  if (target?.kind !== 'key') return;
  const { connection, path } = target;
  await connection.store('interactive');
  if (!(await isInstalled())) return;
  const uri = Uri.from(keyUriParts({ connectionId: connection.id, key: path }));
  await commands.executeCommand('vscode.openWith', uri, EDITOR);
}

async function isInstalled(): Promise<boolean> {
  if (extensions.getExtension(EXTENSION)) return true;
  const install = l10n.t('Install');
  const sentence = l10n.t('Bytes are edited by the extension Hex Editor ({0}), which is not installed.', EXTENSION);
  if ((await window.showInformationMessage(sentence, install)) !== install) return false;
  const progress = { location: ProgressLocation.Notification, title: l10n.t('Installing Hex Editor…') };
  await window.withProgress(progress, () =>
    commands.executeCommand('workbench.extensions.installExtension', EXTENSION),
  );
  return extensions.getExtension(EXTENSION) !== undefined;
}
