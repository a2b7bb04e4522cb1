import { l10n, type Uri } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';

/** Failures of the file system in a sentence that names the file. */
export async function asFileErrors(target: Uri, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (EtcdError.is(error) || !(error instanceof Error)) throw error;
    const message = l10n.t('{0} could not be written: {1} Nothing is left of it.', target.fsPath, `${error.message}.`);
    throw new EtcdError('unexpected', message, { cause: error });
  }
}
