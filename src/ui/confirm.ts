import { l10n } from 'vscode';
import { window } from './text/window.ts';

// See docs/contributing/decisions/writes.md

const answered: unique symbol = Symbol('answered');

/** The user's yes to a question. Only these functions create one, so it proves that the user was asked. */
export interface Confirmation {
  readonly [answered]: true;
}

const YES: Confirmation = { [answered]: true };

/**
 * Asks a modal question with one button besides Cancel, which VS Code adds.
 * @param detail lines; each text is one line
 */
export async function confirm(
  message: string,
  detail: string | readonly string[],
  button: string,
): Promise<Confirmation | undefined> {
  const chosen = await window.showWarningMessage(message, { modal: true, detail }, button);
  return chosen === button ? YES : undefined;
}

/** Asks as `confirm` does, with a second button for an answer other than yes. */
export async function confirmOr(
  message: string,
  detail: string | readonly string[],
  button: string,
  other: string,
): Promise<Confirmation | 'other' | undefined> {
  const chosen = await window.showWarningMessage(message, { modal: true, detail }, button, other);
  if (chosen === other) return 'other';
  return chosen === button ? YES : undefined;
}

/** Asks a question that is answered by typing a text, for actions that must not happen by accident. */
export async function confirmByTyping(
  message: string,
  detail: string | readonly string[],
  wanted: string,
): Promise<Confirmation | undefined> {
  const typed = await window.showInputBox({
    title: message,
    prompt: typeof detail === 'string' ? detail : detail.join(' '),
    placeHolder: l10n.t('Type {0} to go on', wanted),
    ignoreFocusOut: true,
    validateInput: (text) =>
      text === wanted || text === '' ? undefined : l10n.t('Type {0}, or press Escape.', wanted),
  });
  return typed === wanted ? YES : undefined;
}
