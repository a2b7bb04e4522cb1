import { commands } from 'vscode';
import { findProgram, listensLocally } from '../../etcd/connect/localEtcd.ts';

/**
 * Makes the empty view offer what suits this machine: connecting to an etcd that serves at this port, or starting one.
 */
export async function offerLocal(port: number): Promise<void> {
  const listens = await listensLocally(port);
  const canStart = !listens && (await findProgram('etcd')) !== undefined;
  await commands.executeCommand('setContext', 'etcd.localListens', listens);
  await commands.executeCommand('setContext', 'etcd.canStartLocal', canStart);
}
