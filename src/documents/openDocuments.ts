import { workspace, type NotebookDocument, type TextDocument, type Uri } from 'vscode';

/** The document that is open for an address. */
export function openDocument(uri: Uri): TextDocument | NotebookDocument | undefined {
  const name = uri.toString();
  return [...workspace.textDocuments, ...workspace.notebookDocuments].find((each) => each.uri.toString() === name);
}

/** The addresses of one scheme for which documents are open. */
export function openUris(scheme: string): Uri[] {
  return [...workspace.textDocuments, ...workspace.notebookDocuments]
    .map(({ uri }) => uri)
    .filter((uri) => uri.scheme === scheme);
}
