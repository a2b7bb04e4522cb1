import type { Memento, TreeView } from 'vscode';
import type { Connection } from '../../connections/connection.ts';
import type { Connections } from '../../connections/connections.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import { revealRow } from '../../ui/showing.ts';
import type { ConnectionNode, TreeNode } from './nodes.ts';

const STORED_IDS = 'expandedRows';
/** Limit of stored ids, about what a person looks at, because each restored folder costs etcd a listing. */
const MAX_IDS = 100;
/** Limit of a stored id in characters; longer keys are hardly ever folders. */
const MAX_ID_LENGTH = 2000;

type View = Pick<
  TreeView<TreeNode>,
  'visible' | 'onDidChangeVisibility' | 'onDidExpandElement' | 'onDidCollapseElement' | 'reveal'
>;

/** Remembers which rows of the tree are expanded, and expands them again after the window has been reloaded. */
export class ExpandedRows extends DisposableOwner {
  readonly #stored: Memento;
  /** Ids of nodes; the one that was expanded last is at the end. */
  readonly #ids: Set<string>;
  /** Ids of connections that were restored, or that were not expanded; VS Code itself then remembers their rows. */
  readonly #restored = new Set<string>();

  /** @param stored the storage of the workspace */
  constructor(stored: Memento) {
    super();
    this.#stored = stored;
    this.#ids = new Set(stored.get<readonly string[]>(STORED_IDS, []));
  }

  /** Whether a row should be drawn expanded. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /**
   * Follows which rows are expanded and collapsed. Connections that were expanded are opened while the view is visible,
   * if no question is needed; their folders are expanded as they are drawn.
   */
  follow(view: View, connections: Connections, rootOf: (connection: Connection) => ConnectionNode): void {
    this.own(view.onDidExpandElement(({ element }) => this.#note(element, true)));
    this.own(view.onDidCollapseElement(({ element }) => this.#note(element, false)));
    const reopen = async (connection: Connection) => {
      if (!(await canOpen(connection))) return;
      const isShown = () => view.visible && connections.get(connection.id) === connection;
      const find = async () => (isShown() ? rootOf(connection) : undefined);
      await revealRow(view, find, { expand: true, select: false, focus: false });
    };
    const restore = () => {
      const pending = view.visible ? connections.live.filter(({ id }) => !this.#restored.has(id)) : [];
      for (const connection of pending) {
        this.#restored.add(connection.id);
        if (this.has(connection.id)) void reopen(connection);
      }
    };
    this.own(view.onDidChangeVisibility(restore));
    this.own(connections.onDidChange(restore));
    restore();
  }

  #note({ kind, id }: TreeNode, isExpanded: boolean): void {
    if ((kind !== 'folder' && kind !== 'connection') || id.length > MAX_ID_LENGTH) return;
    this.#ids.delete(id);
    if (isExpanded) this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= MAX_IDS) break;
      this.#ids.delete(oldest);
    }
    void this.#stored.update(STORED_IDS, [...this.#ids]);
  }
}

/** Opens a connection if no question is needed. Failures are reported only to a person who opens the connection. */
async function canOpen(connection: Connection): Promise<boolean> {
  try {
    await connection.store('background');
    return true;
  } catch (error) {
    if (EtcdError.is(error)) return false;
    throw error;
  }
}
