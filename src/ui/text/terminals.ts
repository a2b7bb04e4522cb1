import { window, type Disposable, type Terminal, type TerminalOptions } from 'vscode';
import { lines, literal } from './literal.ts';

/** A terminal with a name and lines above its first prompt, which are shown as they are. */
export function createTerminal({
  name,
  message,
  ...options
}: Omit<TerminalOptions, 'name' | 'message'> & {
  readonly name: string;
  readonly message: readonly string[];
}): Terminal {
  return window.createTerminal({ ...options, name: literal(name), message: lines(message).join('\r\n') });
}

export function onDidCloseTerminal(listener: (terminal: Terminal) => void): Disposable {
  return window.onDidCloseTerminal(listener);
}
