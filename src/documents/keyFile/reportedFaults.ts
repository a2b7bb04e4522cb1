import { DiagnosticSeverity, l10n, languages, type Diagnostic, type TextDocument } from 'vscode';

/** Faults that a question lists. */
const MAX_FAULTS = 8;

/**
 * Returns a line for each fault that language extensions report about a document: errors, and values that violate a
 * schema, about which VS Code's JSON support only warns.
 */
export function reportedFaults({ uri, languageId }: Pick<TextDocument, 'uri' | 'languageId'>): string[] {
  const warnsOfSchemas = /^jsonc?$/.test(languageId);
  const isFault = ({ severity }: Diagnostic) =>
    severity === DiagnosticSeverity.Error || (warnsOfSchemas && severity === DiagnosticSeverity.Warning);
  const faults = languages.getDiagnostics(uri).filter(isFault);
  const lines = faults
    .slice(0, MAX_FAULTS)
    .map(({ range, message }) => l10n.t('Line {0}: {1}', range.start.line + 1, message));
  const more = faults.length - lines.length;
  return more > 0 ? [...lines, l10n.t('and {0} more', more.toLocaleString())] : lines;
}
