import { Disposable, TerminalProfile, window, type Terminal, type TerminalOptions } from 'vscode';
import { lines, literal } from './literal.ts';

/** A terminal with a name and with lines above its first prompt, which are shown literally. */
export interface NewTerminal extends Omit<TerminalOptions, 'name' | 'message'> {
  readonly name: string;
  readonly message: readonly string[];
}

export function createTerminal(options: NewTerminal): Terminal {
  return window.createTerminal(inert(options));
}

/**
 * Offers a kind of terminal in VS Code's menu of terminals.
 * @param provide returns undefined if no terminal is to be opened, about which nothing more is said
 */
export function registerTerminalProfile(id: string, provide: () => Promise<NewTerminal | undefined>): Disposable {
  const provided = new WeakSet<object>();
  // VS Code itself opens it in the panel, but does not open the panel.
  const opened = window.onDidOpenTerminal((terminal) => {
    if (provided.has(terminal.creationOptions)) terminal.show();
  });
  const provider = window.registerTerminalProfileProvider(id, {
    provideTerminalProfile: async () => {
      const options = await provide();
      // VS Code reports a missing profile as an error, but shows no message without a text.
      if (!options) throw new Error('');
      const shown = inert(options);
      provided.add(shown);
      return new TerminalProfile(shown);
    },
  });
  return Disposable.from(provider, opened);
}

export function onDidCloseTerminal(listener: (terminal: Terminal) => void): Disposable {
  return window.onDidCloseTerminal(listener);
}

function inert({ name, message, ...options }: NewTerminal): TerminalOptions {
  return { ...options, name: literal(name), message: lines(message).join('\r\n') };
}
