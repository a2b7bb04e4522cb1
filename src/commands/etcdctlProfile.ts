import type { Disposable } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { showFailure } from '../ui/notices.ts';
import type { NewTerminal } from '../ui/text/terminals.ts';
import { window } from '../ui/text/window.ts';
import type { CommandContext } from './context/commandContext.ts';

const ID = 'etcd.etcdctl';

/** Offers the terminal of "Open Terminal with etcdctl" in VS Code's menu of terminals. */
export function offerEtcdctlProfile(context: CommandContext): Disposable {
  const provide = async (): Promise<NewTerminal | undefined> => {
    try {
      const { etcdctlTerminal } = await import('./commandHandlers.ts');
      return await etcdctlTerminal(context, undefined);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) return undefined;
      context.log.failure(ID, error);
      void showFailure(error);
      return undefined;
    }
  };
  return window.registerTerminalProfile(ID, provide);
}
