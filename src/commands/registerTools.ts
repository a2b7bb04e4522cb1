import type { Disposable, Extension } from 'vscode';
import { registerTool } from '../ui/text/tools.ts';
import type { CommandContext } from './context/commandContext.ts';

interface ToolManifest {
  readonly contributes: { readonly languageModelTools: readonly { readonly name: string }[] };
}

/** Registers the manifest's tools for language models, which `languageModelTool` carries out. */
export function registerTools(context: CommandContext, { packageJSON }: Extension<unknown>): Disposable[] {
  const { contributes }: ToolManifest = packageJSON;
  return contributes.languageModelTools.map(({ name }) =>
    registerTool(name, async () => {
      const { languageModelTool } = await import('./commandHandlers.ts');
      return languageModelTool(context, name);
    }),
  );
}
