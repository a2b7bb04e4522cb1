import { commands, l10n } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { window } from './text/window.ts';

/** The object of a failed action, for the buttons of its message. */
export interface FailureContext {
  /** Passed to the commands of the buttons. */
  readonly connection?: unknown;
  readonly retry?: () => void;
}

/** Shows one error message with buttons for what the user can do; shows nothing for a cancelled action. */
export async function showFailure(error: unknown, { connection, retry }: FailureContext = {}): Promise<void> {
  if (EtcdError.is(error, 'cancelled')) return;
  const message = EtcdError.is(error) ? error.message : l10n.t('etcd: unexpected error. See the log for details.');
  const actions = new Map<string, () => unknown>();
  if (retry) actions.set(l10n.t('Retry'), retry);
  const remedy = remedyOf(error);
  if (remedy && connection) actions.set(remedy.title, () => commands.executeCommand(remedy.command, connection));
  actions.set(l10n.t('Show Log'), () => commands.executeCommand('etcd.showLog'));
  const chosen = await window.showErrorMessage(message, ...actions.keys());
  if (chosen !== undefined) await actions.get(chosen)?.();
}

function remedyOf(error: unknown): { readonly title: string; readonly command: string } | undefined {
  if (EtcdError.is(error, 'wrongPassword', 'signInNeeded', 'tokenRejected', 'permissionDenied'))
    return { title: l10n.t('Set Credentials'), command: 'etcd.setCredentials' };
  if (EtcdError.is(error, 'quotaExceeded')) return { title: l10n.t('Make Room…'), command: 'etcd.makeRoom' };
  const inSettings = EtcdError.is(
    error,
    'configuration',
    'badCertificate',
    'unknownAuthority',
    'wrongHostName',
    'plainToTls',
    'tlsToPlain',
    'refused',
    'unresolved',
    'notEtcd',
  );
  return inSettings ? { title: l10n.t('Edit Connection'), command: 'etcd.editConnection' } : undefined;
}
