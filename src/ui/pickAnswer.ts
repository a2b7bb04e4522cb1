import type { QuickPick, QuickPickItem } from 'vscode';

/** Shows a pick until it is answered or hidden, and disposes of it. @returns undefined if it was hidden */
export async function pickAnswer<Item extends QuickPickItem, Answer>(
  pick: QuickPick<Item>,
  { promise, resolve }: PromiseWithResolvers<Answer | undefined>,
): Promise<Answer | undefined> {
  pick.onDidHide(() => resolve(undefined));
  pick.show();
  try {
    return await promise;
  } finally {
    pick.dispose();
  }
}
