import type { Connection } from '../../connections/connection.ts';
import type { ClusterRow } from './clusterRows.ts';

/** A row and its position in the view. */
export class ClusterNode {
  readonly row: ClusterRow;
  readonly connection: Connection;
  readonly parent: ClusterNode | undefined;

  constructor(row: ClusterRow, connection: Connection, parent?: ClusterNode) {
    this.row = row;
    this.connection = connection;
    this.parent = parent;
  }

  get id(): string {
    return `${this.parent?.id ?? this.connection.id}/${this.row.id}`;
  }
}
