import { QuickInputButtons, type Disposable, type QuickInput, type QuickPickItem } from 'vscode';
import { window } from './text/window.ts';

/** The position of a question in a sequence. */
export interface Position {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/** A question, which asks and keeps its answer. */
export type Step = (position: Position) => Promise<'next' | 'back' | 'cancel'>;

/** Returns the questions for the answers so far; called after each answer. */
export type Steps = () => readonly Step[];

/** Asks one question after the other, with a way back. @returns false if the user cancels */
export async function runSteps(title: string, steps: Steps): Promise<boolean> {
  for (let index = 0; ;) {
    const row = steps();
    const step = row[index];
    if (!step) return true;
    const outcome = await step({ title, step: index + 1, totalSteps: row.length });
    if (outcome === 'cancel') return false;
    index += outcome === 'next' ? 1 : -1;
  }
}

export interface TextQuestion {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** Explains in a sentence what is wrong with the text; undefined if nothing is. */
  readonly validate?: (text: string) => string | undefined;
  readonly answer: (text: string) => void;
}

export function textStep(question: TextQuestion): Step {
  return (position) => {
    const input = window.createInputBox();
    input.prompt = question.prompt;
    input.value = question.value ?? '';
    input.placeholder = question.placeholder ?? '';
    input.password = question.password ?? false;
    const check = () => {
      const problem = question.validate?.(input.value);
      input.validationMessage = problem ?? '';
      return problem === undefined;
    };
    const accept = () => {
      if (!check()) return false;
      question.answer(input.value);
      return true;
    };
    return ask(input, position, accept, [input.onDidChangeValue(() => (input.validationMessage = ''))]);
  };
}

export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

export interface ChoiceQuestion<T> {
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
  readonly answer: (value: T) => void;
}

export function choiceStep<T>(question: ChoiceQuestion<T>): Step {
  return (position) => {
    const input = window.createQuickPick<Choice<T>>();
    input.placeholder = question.placeholder;
    input.items = question.choices;
    const accept = () => {
      const [chosen] = input.selectedItems;
      if (chosen) question.answer(chosen.value);
      return chosen !== undefined;
    };
    return ask(input, position, accept, []);
  };
}

interface AcceptableInput extends QuickInput {
  buttons: readonly { readonly iconPath: unknown }[];
  onDidAccept: (listener: () => void) => Disposable;
  onDidTriggerButton: (listener: (button: unknown) => void) => Disposable;
}

async function ask(
  input: AcceptableInput,
  { title, step, totalSteps }: Position,
  accept: () => boolean,
  listeners: readonly Disposable[],
): Promise<'next' | 'back' | 'cancel'> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  // Answers are often copied from another window.
  input.ignoreFocusOut = true;
  if (step > 1) input.buttons = [QuickInputButtons.Back];
  const { promise, resolve } = Promise.withResolvers<'next' | 'back' | 'cancel'>();
  const all = [
    ...listeners,
    input.onDidAccept(() => {
      if (accept()) resolve('next');
    }),
    input.onDidTriggerButton(() => resolve('back')),
    input.onDidHide(() => resolve('cancel')),
  ];
  input.show();
  try {
    return await promise;
  } finally {
    for (const listener of all) listener.dispose();
    input.dispose();
  }
}
