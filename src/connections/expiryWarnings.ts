import type { X509Certificate } from 'node:crypto';
import { commands, l10n, type Memento } from 'vscode';
import { DisposableOwner } from '../ui/disposableOwner.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { window } from '../ui/text/window.ts';

const WARN_MILLISECONDS = 14 * 24 * 60 * 60 * 1000;
/** Fingerprints of the certificates that the user was warned about. */
const WARNED = 'warnedCertificates';
const MAX_REMEMBERED = 200;

/** Warns once about each certificate, of the server or the client, that expires within two weeks. */
export class ExpiryWarnings extends DisposableOwner {
  readonly #memory: Memento;

  constructor(connections: Connections, memory: Memento) {
    super();
    this.#memory = memory;
    this.own(
      connections.onDidChange((connection) => {
        if (connection?.state.kind === 'connected') this.#check(connection);
      }),
    );
  }

  #check(connection: Connection): void {
    const { server, client } = connection.handshake ?? {};
    if (server && this.#isNews(server)) void this.#warn(connection, serverWarning(connection, server));
    if (client && this.#isNews(client))
      void this.#warn(
        connection,
        l10n.t(
          'The client certificate of the etcd connection {0} ends on {1}. The server will not accept it from then on.',
          connection.name,
          new Date(client.validTo).toLocaleDateString(),
        ),
      );
  }

  #isNews({ validTo, fingerprint256 }: X509Certificate): boolean {
    if (Date.parse(validTo) - Date.now() > WARN_MILLISECONDS) return false;
    const warned = this.#memory.get<string[]>(WARNED) ?? [];
    if (warned.includes(fingerprint256)) return false;
    void this.#memory.update(WARNED, [...warned, fingerprint256].slice(-MAX_REMEMBERED));
    return true;
  }

  async #warn(connection: Connection, message: string): Promise<void> {
    const diagnose = l10n.t('Diagnose Connection');
    const chosen = await window.showWarningMessage(message, diagnose);
    if (chosen === diagnose) await commands.executeCommand('etcd.diagnoseConnection', connection);
  }
}

function serverWarning({ name, endpoint }: Connection, { validTo }: X509Certificate): string {
  const { host } = new URL(endpoint);
  const end = new Date(validTo);
  // Only a pin accepts an expired certificate.
  if (end.getTime() < Date.now())
    return l10n.t(
      'The certificate of etcd at {0} ended on {1}. The connection {2} accepts it because it is pinned.',
      host,
      end.toLocaleDateString(),
      name,
    );
  return l10n.t(
    'The certificate of etcd at {0} ends on {1}. The connection {2} will fail from then on, unless the server gets a new one.',
    host,
    end.toLocaleDateString(),
    name,
  );
}
