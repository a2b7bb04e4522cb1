import { workspace, type Disposable, type ExtensionContext } from 'vscode';
import type { EtcdLog } from '../ui/log.ts';
import { showFailure } from '../ui/notices.ts';
import { Connections } from './connections.ts';
import { ExpiryWarnings } from './expiryWarnings.ts';
import { LeaseKeeper } from './following/leaseKeeper.ts';
import { LiveFeeds } from './following/liveFeeds.ts';
import { ConnectionEntries } from './settings/connectionSettings.ts';
import { Consents } from './trust/consents.ts';
import { CredentialStore } from './trust/credentialStore.ts';

/** The user's etcds, and what is stored for them; the extension disposes `owned`. */
export interface ConnectionParts {
  readonly connections: Connections;
  readonly credentials: CredentialStore;
  readonly consents: Consents;
  /** The settings that connections come from. */
  readonly entries: ConnectionEntries;
  readonly feeds: LiveFeeds;
  readonly leaseKeeper: LeaseKeeper;
  readonly owned: readonly Disposable[];
}

/** Creates the connections of the settings. Contacts no server. */
export function createConnections(context: ExtensionContext, log: EtcdLog): ConnectionParts {
  const workspaceId = (workspace.workspaceFile ?? workspace.workspaceFolders?.[0]?.uri)?.toString() ?? '';
  const credentials = new CredentialStore(context.secrets, context.globalState, workspaceId);
  const consents = new Consents(context.workspaceState, context.globalState);
  const entries = new ConnectionEntries(context.globalStorageUri);
  const connections = new Connections({
    credentials,
    consents,
    offerTrust: (...refusal) =>
      void import('./trust/trustPrompt.ts')
        .then(({ offerTrust }) => offerTrust(entries, ...refusal))
        .catch((failure: unknown) => void showFailure(failure)),
    logRequest: (connection, entry) => log.request(connection, entry),
    tunnelGuard: context.asAbsolutePath('dist/tunnelGuard.cjs'),
  });
  const expiryWarnings = new ExpiryWarnings(connections, context.globalState);
  const feeds = new LiveFeeds(connections);
  const leaseKeeper = new LeaseKeeper(connections, 'etcd.showKeptLeases');
  const owned = [expiryWarnings, connections, feeds, leaseKeeper];
  return { connections, credentials, consents, entries, feeds, leaseKeeper, owned };
}
