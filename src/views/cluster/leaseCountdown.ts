import type { TreeView } from 'vscode';
import { DisposableOwner } from '../../ui/disposableOwner.ts';
import type { ClusterNode } from './clusterNode.ts';

const SECOND = 1000;

/** Draws the rows of leases again each second while the view is visible, because their texts count down. */
export class LeaseCountdown extends DisposableOwner {
  readonly #view: TreeView<ClusterNode>;
  readonly #draw: (nodes: ClusterNode[]) => void;
  #nodes: ClusterNode[] = [];
  #isExpanded = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(view: TreeView<ClusterNode>, draw: (nodes: ClusterNode[]) => void) {
    super();
    this.#view = view;
    this.#draw = draw;
    this.own(view.onDidChangeVisibility(() => this.#start()));
    const isExpanded = (is: boolean) => (event: { readonly element: ClusterNode }) => {
      if (event.element.row.loads !== 'leases') return;
      this.#isExpanded = is;
      this.#start();
    };
    this.own(view.onDidCollapseElement(isExpanded(false)));
    this.own(view.onDidExpandElement(isExpanded(true)));
    this.own({ dispose: () => clearInterval(this.#timer) });
  }

  /** Counts down exactly these rows. */
  count(nodes: readonly ClusterNode[]): void {
    this.#nodes = nodes.filter(({ row }) => row.ends !== undefined);
    this.#start();
  }

  #start(): void {
    clearInterval(this.#timer);
    if (this.#nodes.length === 0 || !this.#view.visible || !this.#isExpanded) return;
    this.#timer = setInterval(() => {
      this.#draw(this.#nodes);
      this.#nodes = this.#nodes.filter(({ row: { ends = 0 } }) => ends > Date.now());
      if (this.#nodes.length === 0) clearInterval(this.#timer);
    }, SECOND);
  }
}
