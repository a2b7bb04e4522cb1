import {
  CodeLens,
  commands,
  Diagnostic,
  FileDecoration,
  type DiagnosticSeverity,
  type Range,
  type TextDocumentShowOptions,
  type ThemeColor,
  type Uri,
} from 'vscode';
import { inert, literal } from './literal.ts';

/** Shows two documents side by side. */
export async function openDiff(left: Uri, right: Uri, title: string, options?: TextDocumentShowOptions): Promise<void> {
  await commands.executeCommand('vscode.diff', left, right, literal(title), options);
}

/** Shows the changes of several documents in one editor. */
export async function openChanges(title: string, changes: readonly (readonly Uri[])[]): Promise<void> {
  await commands.executeCommand('vscode.changes', literal(title), changes);
}

/** Creates a line above the text of a document. */
export function codeLens(
  range: Range,
  title: string,
  { icon, command, args }: { readonly icon?: string; readonly command?: string; readonly args: readonly unknown[] },
): CodeLens {
  const shown = icon === undefined ? inert(title) : `$(${icon}) ${inert(title)}`;
  return new CodeLens(range, { title: shown, command: command ?? '', arguments: [...args] });
}

/** Creates the mark of a row or a tab. */
export function fileDecoration(badge: string | undefined, tooltip: string, color: ThemeColor): FileDecoration {
  return new FileDecoration(badge, literal(tooltip), color);
}

/** Creates a problem of a document. */
export function diagnostic(range: Range, sentence: string, severity: DiagnosticSeverity): Diagnostic {
  return new Diagnostic(range, literal(sentence), severity);
}
