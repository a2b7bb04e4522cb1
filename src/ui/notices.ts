import { commands, l10n, window } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';

/** What a failed action was about, for the buttons under its message. */
export interface FailureContext {
  /** Passed to the commands behind the buttons. */
  readonly connection?: unknown;
  readonly retry?: () => void;
}

/** One error message with what the user can do about it; a cancelled action says nothing. */
export async function showFailure(error: unknown, { connection, retry }: FailureContext = {}): Promise<void> {
  if (EtcdError.is(error, 'cancelled')) return;
  const message = EtcdError.is(error)
    ? error.message
    : l10n.t('etcd: an unexpected error came up. The log has its details.');
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
