import { FileSystemError as Raw, type Uri } from 'vscode';
import { inert } from './literal.ts';

type Told = string | Uri;

/** VS Code's own errors, whose sentences reach its notifications. */
export const FileSystemError = {
  Unknown: (message: string): Raw => new Raw(inert(message)),
  FileNotFound: (told: Told): Raw => Raw.FileNotFound(sentence(told)),
  FileExists: (told: Told): Raw => Raw.FileExists(sentence(told)),
  FileIsADirectory: (told: Told): Raw => Raw.FileIsADirectory(sentence(told)),
  NoPermissions: (told: Told): Raw => Raw.NoPermissions(sentence(told)),
  Unavailable: (told: Told): Raw => Raw.Unavailable(sentence(told)),
};

export function isFileSystemError(error: unknown): error is Raw {
  return error instanceof Raw;
}

export function isFileNotFound(error: unknown): boolean {
  return error instanceof Raw && error.code === 'FileNotFound';
}

function sentence(told: Told): string {
  return inert(typeof told === 'string' ? told : told.toString(true));
}
