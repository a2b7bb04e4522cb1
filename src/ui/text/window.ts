import { Uri, window as raw, workspace, type TextDocument, type TextDocumentShowOptions } from 'vscode';
import * as inputs from './inputs.ts';
import * as notifications from './notifications.ts';
import * as terminals from './terminals.ts';
import * as views from './views.ts';

// See docs/contributing/decisions/foreign-text.md

/**
 * VS Code's `window` for everything in src: what shows a text shows it as it is. The linter forbids the raw one elsewhere.
 */
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
  showOpenDialog: ((...all) => raw.showOpenDialog(...all)) satisfies typeof raw.showOpenDialog,
  showSaveDialog: ((...all) => raw.showSaveDialog(...all)) satisfies typeof raw.showSaveDialog,
  showTextDocument: async (shown: TextDocument | Uri, options?: TextDocumentShowOptions) =>
    await raw.showTextDocument(shown instanceof Uri ? await workspace.openTextDocument(shown) : shown, options),
};
