import type { Disposable, Event } from 'vscode';

/** What `activate` of etcd for VS Code returns. */
export interface EtcdExtension {
  /**
   * Asks the user once whether this extension may read etcd, and remembers a yes.
   * @param version 1
   * @param extensionId `context.extension.id` of the caller
   * @throws Error if there is no such version, or the user does not allow it
   */
  getApi(version: 1, extensionId: string): Promise<EtcdApi>;
}

/** Reads the user's etcds. Every call throws an Error with one sentence if it fails, or is not allowed any more. */
export interface EtcdApi {
  readonly version: 1;
  readonly connections: readonly EtcdConnection[];
  readonly onDidChangeConnections: Event<void>;
  /** Lists the first folders and keys directly below a prefix. @param options.most 1,000 by default and at most */
  list(
    connectionId: string,
    prefix: Uint8Array,
    options?: { readonly most?: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly children: readonly EtcdChild[]; readonly more: boolean }>;
  /** Reads a key; undefined if there is none. */
  read(
    connectionId: string,
    key: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Promise<EtcdKey | undefined>;
  /** Reports the changes below a prefix from now on, until it is disposed of or fails. */
  watch(
    connectionId: string,
    prefix: Uint8Array,
    listener: (changes: readonly EtcdChange[]) => void,
    failed?: (error: Error) => void,
  ): Disposable;
  /** Opens a key in an editor, as the user does. */
  open(connectionId: string, key: Uint8Array): Promise<void>;
}

export interface EtcdConnection {
  /** Stable as long as the connection has its name. */
  readonly id: string;
  readonly name: string;
  readonly state: 'idle' | 'connecting' | 'connected' | 'failed';
  readonly isProduction: boolean;
  readonly isReadOnly: boolean;
}

export interface EtcdChild {
  readonly kind: 'key' | 'folder';
  /** The whole key, or the folder's prefix with its last separator. */
  readonly path: Uint8Array;
}

export interface EtcdKey {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
}

/** A key that was written, or deleted if it has no value. */
export interface EtcdChange {
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
  readonly modRevision: bigint;
}
