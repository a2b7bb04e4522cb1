import { l10n, window } from 'vscode';

/** A modal question with one button besides Cancel, which VS Code adds itself. */
export async function confirm(message: string, detail: string, button: string): Promise<boolean> {
  return (await window.showWarningMessage(message, { modal: true, detail }, button)) === button;
}

/** A question that is answered by typing a text, for what must not happen by a slip of the hand. */
export async function confirmByTyping(message: string, detail: string, wanted: string): Promise<boolean> {
  const typed = await window.showInputBox({
    title: message,
    prompt: detail,
    placeHolder: l10n.t('Type {0} to go on', wanted),
    ignoreFocusOut: true,
    validateInput: (text) =>
      text === wanted || text === '' ? undefined : l10n.t('Type {0}, or press Escape.', wanted),
  });
  return typed === wanted;
}
