import {
  Uri,
  window as raw,
  workspace,
  type OpenDialogOptions,
  type SaveDialogOptions,
  type TextDocument,
  type TextDocumentShowOptions,
} from 'vscode';
import { inert } from './literal.ts';
import * as inputs from './inputs.ts';
import * as notifications from './notifications.ts';
import * as terminals from './terminals.ts';
import * as views from './views.ts';

// See docs/contributing/decisions/foreign-text.md

/** VS Code's `window` for all of src, which shows every text literally. The linter forbids the original elsewhere. */
export const window = {
  ...notifications,
  ...inputs,
  ...views,
  ...terminals,
  get activeTextEditor() {
    return raw.activeTextEditor;
  },
  get visibleTextEditors() {
    return raw.visibleTextEditors;
  },
  get state() {
    return raw.state;
  },
  get tabGroups() {
    return raw.tabGroups;
  },
  onDidChangeActiveTextEditor: ((...all) =>
    raw.onDidChangeActiveTextEditor(...all)) satisfies typeof raw.onDidChangeActiveTextEditor,
  onDidChangeTextEditorSelection: ((...all) =>
    raw.onDidChangeTextEditorSelection(...all)) satisfies typeof raw.onDidChangeTextEditorSelection,
  onDidChangeWindowState: ((...all) => raw.onDidChangeWindowState(...all)) satisfies typeof raw.onDidChangeWindowState,
  createLogChannel: (name: string) => raw.createOutputChannel(name, { log: true }),
  registerFileDecorationProvider: ((...all) =>
    raw.registerFileDecorationProvider(...all)) satisfies typeof raw.registerFileDecorationProvider,
  registerUriHandler: ((...all) => raw.registerUriHandler(...all)) satisfies typeof raw.registerUriHandler,
  showOpenDialog: async (options: OpenDialogOptions) => await raw.showOpenDialog(inertTitle(options)),
  showSaveDialog: async (options: SaveDialogOptions) => await raw.showSaveDialog(inertTitle(options)),
  showTextDocument: async (shown: TextDocument | Uri, options?: TextDocumentShowOptions) =>
    await raw.showTextDocument(shown instanceof Uri ? await workspace.openTextDocument(shown) : shown, options),
};

/** VS Code's own dialog, in a browser or a remote window, is a quick input with this title. */
function inertTitle<T extends { readonly title?: string }>(options: T): T {
  return options.title === undefined ? options : { ...options, title: inert(options.title) };
}
