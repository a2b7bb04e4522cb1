import {
  window,
  type CancellationToken,
  type Disposable,
  type MessageOptions,
  type Progress,
  type ProgressOptions,
} from 'vscode';
import { inert, lines, literal } from './literal.ts';

/** A question in a modal dialog. */
export interface ModalText {
  readonly modal: boolean;
  /** Lines below the question; each text is one line. */
  readonly detail?: string | readonly string[];
}

type Button = ModalText | string;
type Raw = (message: string, options: MessageOptions, ...buttons: string[]) => Thenable<string | undefined>;

/** Shows a message; options, if any, precede its buttons. @returns the chosen button */
type Show = (message: string, ...rest: readonly Button[]) => Promise<string | undefined>;

export const showInformationMessage = shower((message, options, ...buttons) =>
  window.showInformationMessage(message, options, ...buttons),
);
export const showWarningMessage = shower((message, options, ...buttons) =>
  window.showWarningMessage(message, options, ...buttons),
);
export const showErrorMessage = shower((message, options, ...buttons) =>
  window.showErrorMessage(message, options, ...buttons),
);

export function setStatusBarMessage(text: string, milliseconds: number): Disposable {
  return window.setStatusBarMessage(inert(text), milliseconds);
}

export function withProgress<R>(
  options: ProgressOptions,
  task: (progress: Progress<{ message?: string; increment?: number }>, token: CancellationToken) => Thenable<R>,
): Thenable<R> {
  const { title, ...others } = options;
  return window.withProgress({ ...others, ...(title !== undefined && { title: inert(title) }) }, (progress, token) =>
    task(
      {
        report: ({ message, ...step }) =>
          progress.report({ ...step, ...(message !== undefined && { message: inert(message) }) }),
      },
      token,
    ),
  );
}

function shower(raw: Raw): Show {
  return async (message, ...rest) => {
    const { modal = false, detail } = rest.find((each) => typeof each === 'object') ?? {};
    const buttons = rest.filter((each) => typeof each === 'string');
    const options = { modal, ...(detail !== undefined && { detail: lines(detail).join('\n') }) };
    const shown = buttons.map((button) => inert(button));
    // A dialog shows text literally, and the joiners of a notification would only hinder copying.
    const chosen = await raw(modal ? literal(message) : inert(message), options, ...shown);
    return chosen === undefined ? undefined : buttons[shown.indexOf(chosen)];
  };
}
