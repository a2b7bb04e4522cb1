import { window } from 'vscode';

/** A modal question with one button besides Cancel, which VS Code adds itself. */
export async function confirm(message: string, detail: string, button: string): Promise<boolean> {
  return (await window.showWarningMessage(message, { modal: true, detail }, button)) === button;
}
