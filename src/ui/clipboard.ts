import { env, UIKind } from 'vscode';
import { window } from './text/window.ts';

/**
 * Returns the text on the clipboard for an offer that nobody has asked for. In a browser it is empty, because reading
 * there asks the user or reports an error.
 */
export async function clipboardUnasked(): Promise<string> {
  return env.uiKind === UIKind.Desktop ? await clipboard() : '';
}

/** Returns the text on the clipboard; if there is none or it may not be read, asks for it. Undefined if canceled. */
export async function clipboardOrPasted(title: string, prompt: string): Promise<string | undefined> {
  const text = await clipboard();
  return text.trim() === '' ? await window.showInputBox({ title, prompt, ignoreFocusOut: true }) : text;
}

async function clipboard(): Promise<string> {
  return await env.clipboard.readText().then(undefined, () => '');
}
