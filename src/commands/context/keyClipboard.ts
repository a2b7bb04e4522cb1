import { commands } from 'vscode';
import type { CutMarks } from '../../views/keys/cutMarks.ts';
import type { PathTarget } from './pathTarget.ts';

/** Keys and folders that were cut or copied in the tree, until they are pasted or replaced by others. */
export class KeyClipboard {
  readonly #marks: CutMarks;
  #content: { readonly targets: readonly PathTarget[]; readonly cut: boolean } | undefined;

  constructor(marks: CutMarks) {
    this.#marks = marks;
  }

  get content(): { readonly targets: readonly PathTarget[]; readonly cut: boolean } | undefined {
    return this.#content;
  }

  set(targets: readonly PathTarget[], cut: boolean): void {
    this.#keep({ targets, cut });
  }

  clear(): void {
    this.#keep(undefined);
  }

  #keep(content: KeyClipboard['content']): void {
    this.#content = content;
    this.#marks.show(content?.cut ? content.targets : []);
    void commands.executeCommand('setContext', 'etcd.canPaste', content !== undefined);
  }
}
