import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

// See docs/contributing/decisions/endpoints.md

/**
 * The cluster that a connection speaks with, which is the first that answers. Members of other clusters are refused,
 * because their revisions mean nothing here.
 */
export class OneCluster {
  #id: string | undefined;
  /** Endpoints that have answered as members of the cluster, and whose connections have lasted since. */
  readonly #members = new Set<string>();

  /**
   * Whether the endpoint may belong to another cluster than the known one: another server may have got its address
   * while there was no connection.
   */
  isUncertainOf(endpoint: string): boolean {
    return this.#id !== undefined && !this.#members.has(endpoint);
  }

  /** Call when a request to the endpoint has failed, or a connection to it has ended. */
  doubt(endpoint: string): void {
    this.#members.delete(endpoint);
  }

  /**
   * Checks the cluster that an answer names, in hexadecimal digits.
   * @param mayHaveWritten whether it is the answer to a change; otherwise nothing was written before this check
   * @throws EtcdError `otherCluster`
   */
  check(endpoint: string, cluster: string | undefined, mayHaveWritten = false): void {
    if (cluster === undefined) return;
    this.#id ??= cluster;
    if (cluster === this.#id) this.#members.add(endpoint);
    else throw otherCluster(new URL(endpoint).host, cluster, this.#id, mayHaveWritten);
  }
}

function otherCluster(host: string, found: string, expected: string, mayHaveWritten: boolean): EtcdError {
  const message = mayHaveWritten
    ? l10n.t(
        'This change was answered by {0}, which has become a member of another etcd cluster ({1}) than this connection ({2}): look there for what it did. Give that cluster a connection of its own.',
        host,
        found,
        expected,
      )
    : l10n.t(
        '{0} belongs to another etcd cluster ({1}) than this connection ({2}), so nothing is read from it or written there. Remove it from the endpoints, or give it a connection of its own.',
        host,
        found,
        expected,
      );
  return new EtcdError('otherCluster', message, { notCarriedOut: !mayHaveWritten });
}
