import { commands } from 'vscode';
import type { CommandContext } from '../context/commandContext.ts';

/** Opens the walkthrough. */
export async function getStarted({ extensionId }: CommandContext): Promise<void> {
  await commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#start`);
}
