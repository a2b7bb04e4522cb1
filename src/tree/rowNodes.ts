import type { EtcdError } from '../etcd/errors.ts';
import type { FolderNode } from './nodes.ts';

/** "Load more…" and the like, in a folder that has more children than are shown. */
export class LoadMoreNode {
  readonly kind = 'loadMore';
  readonly parent: FolderNode;
  /** Another page; all; what follows in place of what is shown; what came before that. */
  readonly what: 'more' | 'all' | 'next' | 'earlier';

  constructor(parent: FolderNode, what: LoadMoreNode['what']) {
    this.parent = parent;
    this.what = what;
  }

  get id(): string {
    return `${this.parent.id}\0${this.what}`;
  }
}

/** Says that more children are on their way, in a folder that shows the first ones already. */
export class LoadingNode {
  readonly kind = 'loading';
  readonly parent: FolderNode;

  constructor(parent: FolderNode) {
    this.parent = parent;
  }

  get id(): string {
    return `${this.parent.id}\0loading`;
  }
}

/** Says what a folder cannot show: a failure, or (without one) that no key is in it. */
export class MessageNode {
  readonly kind = 'message';
  readonly parent: FolderNode;
  readonly error: EtcdError | undefined;

  constructor(parent: FolderNode, error: EtcdError | undefined) {
    this.parent = parent;
    this.error = error;
  }

  get id(): string {
    return `${this.parent.id}\0message`;
  }
}
