import { setTimeout as delay } from 'node:timers/promises';
import { l10n, Uri, type Terminal } from 'vscode';
import { DEFAULT_ENDPOINT, LOCAL_PORT } from '../../connections/settings/connectionProfile.ts';
import { findProgram, listensLocally } from '../../etcd/connect/localEtcd.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { window } from '../../ui/text/window.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { keepConnection, showInTree } from './keepConnection.ts';
import { connectionNames } from './presentConnections.ts';

/** Milliseconds that etcd may take to start, and between two checks of it. */
const START_LIMIT = 60_000;
const PAUSE = 100;

/** Adds a connection to the etcd on this machine, or shows the existing one. @throws EtcdError if none is running */
export async function connectLocal(context: CommandContext): Promise<void> {
  const known = context.connections.configured.find(({ profile }) =>
    profile.settings.endpoints.includes(DEFAULT_ENDPOINT),
  );
  if (known) return await showInTree(context, known);
  if (!(await listensLocally(LOCAL_PORT)))
    throw new EtcdError(
      'refused',
      l10n.t('Nothing answers at {0}. Start an etcd there, or add a connection to another one.', DEFAULT_ENDPOINT),
    );
  const taken = connectionNames(context);
  const name = ['local', ...taken.map((_, at) => `local ${at + 2}`)].find((each) => !taken.includes(each)) ?? 'local';
  await keepConnection(context, { settings: { name, endpoints: [DEFAULT_ENDPOINT] }, source: 'user', password: '' });
}

/**
 * Starts the etcd in PATH in a terminal, which shows its output and can end it, and connects to it. Its keys are kept
 * in the extension's own storage.
 * @throws EtcdError if there is no such program, or if it ends
 */
export async function startLocal(context: CommandContext): Promise<void> {
  if (await listensLocally(LOCAL_PORT)) return await connectLocal(context);
  const program = await findProgram('etcd');
  if (program === undefined)
    throw new EtcdError('notFound', l10n.t('There is no program "etcd" on PATH. Install it, and restart VS Code.'));
  const terminal = window.createTerminal({
    name: 'etcd',
    shellPath: program,
    shellArgs: [
      ...['--data-dir', Uri.joinPath(context.storage, 'local.etcd').fsPath],
      ...['--listen-client-urls', DEFAULT_ENDPOINT, '--advertise-client-urls', DEFAULT_ENDPOINT],
    ],
    isTransient: true,
    message: [l10n.t('etcd runs in this terminal. Close the terminal to end it; its keys are kept.')],
  });
  terminal.show(true);
  await started(terminal);
  await connectLocal(context);
}

async function started(terminal: Terminal): Promise<void> {
  const ended = new AbortController();
  const closed = window.onDidCloseTerminal((each) => {
    if (each === terminal) ended.abort();
  });
  const limit = AbortSignal.timeout(START_LIMIT);
  try {
    while (!(await listensLocally(LOCAL_PORT))) {
      if (ended.signal.aborted || limit.aborted)
        throw new EtcdError('unavailable', l10n.t('etcd did not start. Its terminal says why.'));
      await delay(PAUSE);
    }
  } finally {
    closed.dispose();
  }
}
