import type { ToolQuestion } from '../../ui/text/toolAnswers.ts';
import type { CommandContext } from '../context/commandContext.ts';
import type { ToolAnswer } from './toolAnswer.ts';
import type { ToolInput } from './toolInput.ts';

/** A tool for language models. */
export interface ToolHandler {
  /** Describes a call before the user allows it. */
  readonly question: (input: ToolInput) => ToolQuestion;
  /** @throws EtcdError whose sentence the model reads */
  readonly run: (context: CommandContext, input: ToolInput, signal: AbortSignal) => Promise<ToolAnswer>;
}
