import { window, type Disposable, type Terminal, type TerminalOptions } from 'vscode';
import { lines, literal } from './literal.ts';

/** Creates a terminal with a name and with lines above its first prompt, which are shown literally. */
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
