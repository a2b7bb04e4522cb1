import { l10n, type Uri } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';

/** Converts failures of the file system into a sentence that names the file. */
export async function asFileErrors(target: Uri, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (EtcdError.is(error) || !(error instanceof Error)) throw error;
    const message = l10n.t(
      '{0} could not be written: {1} The incomplete file was removed.',
      target.fsPath,
      `${error.message}.`,
    );
    throw new EtcdError('unexpected', message, { cause: error });
  }
}
