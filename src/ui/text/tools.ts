import { lm, type Disposable, type LanguageModelTool } from 'vscode';

/** Registers a tool for language models, which is loaded with its first call. */
export function registerTool(name: string, load: () => Promise<LanguageModelTool<unknown>>): Disposable {
  return lm.registerTool<unknown>(name, {
    prepareInvocation: async (...call) => await (await load()).prepareInvocation?.(...call),
    invoke: async (...call) => await (await load()).invoke(...call),
  });
}
