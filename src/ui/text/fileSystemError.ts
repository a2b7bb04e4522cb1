import { FileSystemError as Raw, type Uri } from 'vscode';
import { inert } from './literal.ts';

type Subject = string | Uri;

/** VS Code's own errors, whose sentences reach its notifications. */
export const FileSystemError = {
  Unknown: (message: string): Raw => new Raw(inert(message)),
  FileNotFound: (subject: Subject): Raw => Raw.FileNotFound(sentence(subject)),
  FileExists: (subject: Subject): Raw => Raw.FileExists(sentence(subject)),
  FileIsADirectory: (subject: Subject): Raw => Raw.FileIsADirectory(sentence(subject)),
  NoPermissions: (subject: Subject): Raw => Raw.NoPermissions(sentence(subject)),
  Unavailable: (subject: Subject): Raw => Raw.Unavailable(sentence(subject)),
};

export function isFileSystemError(error: unknown): error is Raw {
  return error instanceof Raw;
}

export function isFileNotFound(error: unknown): boolean {
  return error instanceof Raw && error.code === 'FileNotFound';
}

function sentence(subject: Subject): string {
  return inert(typeof subject === 'string' ? subject : subject.toString(true));
}
