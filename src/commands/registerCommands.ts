import { commands, l10n, type Disposable, type Extension } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { showFailure } from '../ui/notices.ts';
import type { CommandContext } from './context/commandContext.ts';
import { window } from '../ui/text/window.ts';

interface Contribution {
  readonly command: string;
}

interface MenuEntry {
  /** Absent for a submenu. */
  readonly command?: string;
}

interface CommandManifest {
  readonly contributes: {
    readonly commands: readonly Contribution[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
  };
}

const ROW_MENU = 'view/item/context';
/** Names of this extension's own menus, all of which are submenus of rows. */
const SUBMENU = /^etcd\./;

/**
 * Registers the commands of the manifest, which `commandHandlers.ts` carries out. Every command runs through one
 * wrapper: a failure is logged and shown once, with what the user can do.
 */
export function registerCommands(context: CommandContext, { packageJSON }: Extension<unknown>): Disposable[] {
  const { contributes }: CommandManifest = packageJSON;
  const inMenu = (menu: string, id: string) => contributes.menus[menu]?.some(({ command }) => command === id) ?? false;
  const rowMenus = Object.keys(contributes.menus).filter((menu) => menu === ROW_MENU || SUBMENU.test(menu));
  // The icons above a tree pass its focused row, if there is one.
  const isOfRows = (id: string) => rowMenus.some((menu) => inMenu(menu, id)) && !inMenu('view/title', id);
  return contributes.commands.map(({ command }) =>
    commands.registerCommand(command, run(context, command, isOfRows(command))),
  );
}

function run(context: CommandContext, id: string, isOfRows: boolean) {
  const runner = async (...passed: readonly unknown[]): Promise<void> => {
    const [argument, selected] = passed;
    try {
      // While VS Code draws a tree again, it does not know the rows, and passes no row to a command of the row's menu.
      if (isOfRows && passed.length > 0 && argument === undefined)
        return void window.showWarningMessage(
          l10n.t('The tree was refreshing, so nothing was done. Please try again.'),
        );
      const { HANDLERS } = await import('./commandHandlers.ts');
      await HANDLERS[id]?.(context, argument, selected);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) return;
      context.log.failure(id, error);
      // The command does not wait, because the message may stay for long.
      void showFailure(error, { connection: argument, retry: () => void runner(...passed) });
    }
  };
  return runner;
}
