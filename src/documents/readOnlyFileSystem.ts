import { FileSystemError, l10n, type Disposable, type Uri } from 'vscode';
import { DisposableOwner } from '../ui/disposable.ts';

/** What a file system that only shows things does when it is asked to change them. */
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

function readOnly(): FileSystemError {
  return FileSystemError.NoPermissions(l10n.t('This is only shown, and cannot be changed.'));
}
