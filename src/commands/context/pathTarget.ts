import type { Connection } from '../../connections/connection.ts';
import type { PickedPath } from '../../ui/keyPicker.ts';

/** A key or a folder of a connection. */
export interface PathTarget extends PickedPath {
  readonly connection: Connection;
}
