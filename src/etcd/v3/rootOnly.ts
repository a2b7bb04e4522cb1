import type { DescMethod } from '@bufbuild/protobuf';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { Auth, Cluster, Maintenance } from './transport/rpc_pb.js';

/** Services whose calls, where etcd denies them to a user, take the role root. */
const SERVICES: ReadonlySet<string> = new Set([Auth, Cluster, Maintenance].map(({ typeName }) => typeName));

/** Explains a denied call by the role that it requires. @throws the failure */
export function denyingAllButRoot({ parent }: DescMethod): (error: unknown) => never {
  return (error) => {
    if (!EtcdError.is(error, 'permissionDenied') || !SERVICES.has(parent.typeName)) throw error;
    const { notCarriedOut } = error;
    const message = l10n.t('etcd permits this only to users with the role root.');
    throw new EtcdError('permissionDenied', message, { cause: error, notCarriedOut });
  };
}
