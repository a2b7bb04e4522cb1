import { commands, type Disposable, type Extension } from 'vscode';
import { EtcdError } from '../etcd/errors.ts';
import { showFailure } from '../ui/notices.ts';
import type { CommandContext } from './commandContext.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

/**
 * Registers the commands of the manifest, which `commandHandlers.ts` carries out. Every command runs through one wrapper: a failure is
 * logged, and said once with what the user can do.
 */
export function registerCommands(context: CommandContext, { packageJSON }: Extension<unknown>): Disposable[] {
  const { contributes }: Manifest = packageJSON;
  return contributes.commands.map(({ command }) => commands.registerCommand(command, run(context, command)));
}

function run(context: CommandContext, id: string) {
  const runner = async (argument?: unknown, selected?: unknown): Promise<void> => {
    try {
      const { HANDLERS } = await import('./commandHandlers.ts');
      await HANDLERS[id]?.(context, argument, selected);
    } catch (error) {
      if (EtcdError.is(error, 'cancelled')) return;
      context.log.error(
        `${id}: ${EtcdError.is(error) ? `${error.kind}: ${error.message}` : String(error instanceof Error ? error.stack : error)}`,
      );
      // Not awaited: the message may stay for long, and the command has ended.
      void showFailure(error, { connection: argument, retry: () => void runner(argument, selected) });
    }
  };
  return runner;
}
