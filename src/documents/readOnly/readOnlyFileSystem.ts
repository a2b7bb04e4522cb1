import { type FileSystemError as VsCodeFileSystemError, l10n, type Disposable, type Uri } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { FileSystemError } from '../../ui/text/fileSystemError.ts';

/** Base of file systems that refuse changes. */
export abstract class ReadOnlyFileSystem extends DisposableOwner {
  watch(): Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): never {
    throw readOnly();
  }

  createDirectory(): never {
    throw readOnly();
  }

  writeFile(_uri: Uri, _content: Uint8Array): void | Promise<void> {
    throw readOnly();
  }

  delete(): never {
    throw readOnly();
  }

  rename(): never {
    throw readOnly();
  }
}

function readOnly(): VsCodeFileSystemError {
  return FileSystemError.NoPermissions(l10n.t('This is a read-only preview.'));
}
