import type { EtcdError } from '../../etcd/errors.ts';
import type { FolderNode } from './nodes.ts';

/** The row "Load more…" and similar ones, in a folder with more children than are shown. */
export class LoadMoreNode {
  readonly kind = 'loadMore';
  readonly parent: FolderNode;
  /** What it loads: another page; all; what follows, in place of what is shown; or what was shown before. */
  readonly what: 'more' | 'all' | 'next' | 'earlier';

  constructor(parent: FolderNode, what: LoadMoreNode['what']) {
    this.parent = parent;
    this.what = what;
  }

  get id(): string {
    return `${this.parent.id}\0${this.what}`;
  }
}

/** The row that says that more children are on their way, below the first ones. */
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

/** The row for what a folder cannot show: a failure or, without one, that it has no keys. */
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
