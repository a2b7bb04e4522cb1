import { commands, l10n, window, type Disposable, type Extension } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { showFailure } from '../ui/notices.ts';
import type { CommandContext } from './commandContext.ts';

interface Contribution {
  readonly command: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly Contribution[];
    readonly menus: Readonly<Record<string, readonly Contribution[]>>;
  };
}

/**
 * Registers the commands of the manifest, which `commandHandlers.ts` carries out. Every command runs through one wrapper: a failure is
 * logged, and said once with what the user can do.
 */
export function registerCommands(context: CommandContext, { packageJSON }: Extension<unknown>): Disposable[] {
  const { contributes }: Manifest = packageJSON;
  const inMenu = (menu: string, id: string) => contributes.menus[menu]?.some(({ command }) => command === id) ?? false;
  // The icons above a tree pass its focused row, which there may be none of.
  const isOfRows = (id: string) => inMenu('view/item/context', id) && !inMenu('view/title', id);
  return contributes.commands.map(({ command }) =>
    commands.registerCommand(command, run(context, command, isOfRows(command))),
  );
}

function run(context: CommandContext, id: string, isOfRows: boolean) {
  const runner = async (...passed: readonly unknown[]): Promise<void> => {
    const [argument, selected] = passed;
    try {
      // In the moment in which VS Code draws a tree anew it does not know its rows, and passes nothing for the one that is meant.
      if (isOfRows && passed.length > 0 && argument === undefined)
        return void window.showWarningMessage(
          l10n.t('Nothing was done: the tree was just being drawn anew. Choose the command once more.'),
        );
      const { HANDLERS } = await import('./commandHandlers.ts');
      await HANDLERS[id]?.(context, argument, selected);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) return;
      context.log.error(
        `${id}: ${EtcdError.is(error) ? `${error.kind}: ${error.message}` : String(error instanceof Error ? error.stack : error)}`,
      );
      // Not awaited: the message may stay for long, and the command has ended.
      void showFailure(error, { connection: argument, retry: () => void runner(...passed) });
    }
  };
  return runner;
}
