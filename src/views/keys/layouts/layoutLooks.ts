import { workspace } from 'vscode';
import { DisposableOwner } from '../../../ui/disposableOwner.ts';
import { keyText } from '../../../etcd/keys/keyText.ts';
import type { FolderNode, KeyNode } from '../nodes.ts';
import type { Look } from './layout.ts';
import type { lookOf } from './layouts.ts';
import { placeInLine } from './placeInLine.ts';

const SETTING = 'etcd.layouts';

/** Looks of keys and folders of known layouts. The layouts are loaded when the first folder is listed. */
export class LayoutLooks extends DisposableOwner {
  #lookOf: typeof lookOf | undefined;
  #isOn = isOn();

  /** @param changed called when the user turns the setting on or off */
  constructor(changed: () => void) {
    super();
    this.own(
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(SETTING)) return;
        this.#isOn = isOn();
        changed();
      }),
    );
  }

  async load(): Promise<void> {
    if (!this.#lookOf) ({ lookOf: this.#lookOf } = await import('./layouts.ts'));
  }

  of(node: FolderNode | KeyNode): Look | undefined {
    if (!this.#isOn) return undefined;
    return this.#lookOf?.(keyText(node.path), node.kind === 'key' ? placeInLine(node) : undefined);
  }
}

function isOn(): boolean {
  return workspace.getConfiguration().get(SETTING, true);
}
