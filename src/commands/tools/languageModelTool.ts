import { CancellationError, type LanguageModelTool } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { jsonTool, toolError } from '../../ui/text/toolAnswers.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { TOOLS } from './toolHandlers.ts';
import { ToolInput } from './toolInput.ts';

/** Returns a tool of the manifest. Each call is logged, without keys and values. */
export function languageModelTool(context: CommandContext, name: string): LanguageModelTool<unknown> {
  const tool = TOOLS[name];
  if (!tool) throw new Error(`There is no tool ${name}`);
  return jsonTool({
    prepare: (input) => tool.question(new ToolInput(input)),
    invoke: async (input, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        const { data, keys } = await tool.run(context, new ToolInput(input), abort.signal);
        context.log.tool(name, keys);
        return data;
      } catch (error) {
        if (abort.signal.aborted) throw new CancellationError();
        context.log.failure(name, error);
        throw error instanceof EtcdError ? toolError(error.message) : error;
      } finally {
        listener.dispose();
      }
    },
  });
}
