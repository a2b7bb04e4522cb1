import { workspace, type NotebookDocument, type TextDocument, type Uri } from 'vscode';

/** Returns the open document of an address. */
export function openDocument(uri: Uri): TextDocument | NotebookDocument | undefined {
  const name = uri.toString();
  return [...workspace.textDocuments, ...workspace.notebookDocuments].find((each) => each.uri.toString() === name);
}

/** Returns the addresses of a scheme that have open documents. */
export function openUris(scheme: string): Uri[] {
  return [...workspace.textDocuments, ...workspace.notebookDocuments]
    .map(({ uri }) => uri)
    .filter((uri) => uri.scheme === scheme);
}
