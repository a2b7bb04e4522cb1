import { commands } from 'vscode';
import { findProgram, listensLocally } from '../../etcd/connect/localEtcd.ts';

/** Lets the empty view offer what suits this machine: to connect to an etcd that serves at this port, or to start one. */
export async function offerLocal(port: number): Promise<void> {
  const listens = await listensLocally(port);
  const canStart = !listens && (await findProgram('etcd')) !== undefined;
  await commands.executeCommand('setContext', 'etcd.localListens', listens);
  await commands.executeCommand('setContext', 'etcd.canStartLocal', canStart);
}
