import { Disposable, l10n } from 'vscode';
import type { Connections } from '../../connections/connections.ts';
import type { ExtensionConsents } from '../../connections/trust/extensionConsents.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { prefixRange } from '../../etcd/keys/ranges.ts';
import type { KeyEvent, KeyStore } from '../../etcd/keyStore.ts';
import type { KeyDocuments } from '../../documents/keyDocuments.ts';
import type { EtcdApi, EtcdChange } from './etcdApi.d.ts';

const MAX_CHILDREN = 1000;

interface ApiServices {
  readonly connections: Connections;
  readonly documents: Pick<KeyDocuments, 'open'>;
  readonly extensionConsents: ExtensionConsents;
}

/** Creates version 1 of the API for an extension. It works as long as the user allows that extension. */
export function createApi({ connections, documents, extensionConsents }: ApiServices, extensionId: string): EtcdApi {
  const check = () => {
    if (extensionConsents.has(extensionId)) return;
    throw new EtcdError('configuration', l10n.t('The extension {0} may not read etcd any more.', extensionId));
  };
  // In the background, because another extension must not cause a question about a password or a consent.
  const storeFor = async (id: string): Promise<KeyStore> => {
    check();
    return await connections.require(id).store('background');
  };
  return {
    version: 1,
    get connections() {
      check();
      return connections.live.map(({ id, name, state, isProduction, isReadOnly }) => ({
        ...{ id, name, state: state.kind, isProduction, isReadOnly },
      }));
    },
    onDidChangeConnections: (listener) => connections.onDidChange(() => listener()),
    list: async (id, prefix, { most = MAX_CHILDREN, signal } = {}) => {
      const listing = (await storeFor(id)).listChildren(prefix);
      const { children, done } = await listing.next(Math.min(Math.max(1, most), MAX_CHILDREN), signal);
      return { children: children.map(({ kind, path }) => ({ kind, path: path.slice() })), more: !done };
    },
    read: async (id, key, { signal } = {}) => {
      const { kv } = await (await storeFor(id)).get(key, { signal });
      if (!kv) return undefined;
      const { value, createRevision, modRevision } = kv;
      return { key: key.slice(), value: value.slice(), createRevision, modRevision };
    },
    watch: (id, prefix, listener, failed) => {
      check();
      const abort = new AbortController();
      const run = async () => {
        const store = await storeFor(id);
        for await (const { events } of store.watch(prefixRange(prefix), { signal: abort.signal })) {
          check();
          if (events.length > 0) listener(events.flatMap(changesOf));
        }
      };
      run().catch((error: unknown) => {
        if (!abort.signal.aborted && error instanceof Error) failed?.(error);
      });
      return new Disposable(() => abort.abort());
    },
    open: async (id, key) => {
      await storeFor(id);
      await documents.open(connections.require(id), key);
    },
  };
}

function changesOf(event: KeyEvent): EtcdChange[] {
  if (event.kind === 'folder') return [];
  if (event.kind === 'delete') return [{ key: event.key, modRevision: event.modRevision }];
  const { key, value, modRevision } = event.kv;
  return [{ key, value, modRevision }];
}
