import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';

// See docs/contributing/decisions/endpoints.md

/**
 * The cluster that a connection speaks with, which is the first that answers. Members of other clusters are refused,
 * because their revisions mean nothing here.
 */
export class OneCluster {
  #id: string | undefined;
  /** Endpoints that have answered as members of the cluster and have not failed since. */
  readonly #members = new Set<string>();

  /**
   * Whether the endpoint may belong to another cluster than the known one: after a failure, another server may have its
   * address.
   */
  isUncertainOf(endpoint: string): boolean {
    return this.#id !== undefined && !this.#members.has(endpoint);
  }

  /** Call when a request to the endpoint has failed. */
  doubt(endpoint: string): void {
    this.#members.delete(endpoint);
  }

  /**
   * Checks the cluster that an answer names, in hexadecimal digits.
   * @throws EtcdError `otherCluster`, not carried out, because nothing is written before this check
   */
  check(endpoint: string, cluster: string | undefined): void {
    if (cluster === undefined) return;
    this.#id ??= cluster;
    if (cluster === this.#id) this.#members.add(endpoint);
    else throw otherCluster(endpoint, cluster, this.#id);
  }
}

function otherCluster(endpoint: string, found: string, expected: string): EtcdError {
  const message = l10n.t(
    '{0} belongs to another etcd cluster ({1}) than this connection ({2}), so nothing is read from it or written there. Remove it from the endpoints, or give it a connection of its own.',
    new URL(endpoint).host,
    found,
    expected,
  );
  return new EtcdError('otherCluster', message, { notCarriedOut: true });
}
