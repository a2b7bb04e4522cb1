import { brotliDecompressSync } from 'node:zlib';
import { KINDS_TABLE } from './kindsTable.ts';
import { KubernetesTypes, type MessageType } from './types.ts';

let types: KubernetesTypes | undefined;

/**
 * Returns the message type of a kind that Kubernetes stores; undefined if the table has none of that name in exactly
 * that group and version.
 */
export function messageTypeOf(apiVersion: string, kind: string): MessageType | undefined {
  types ??= new KubernetesTypes(brotliDecompressSync(Buffer.from(KINDS_TABLE, 'base64')).toString());
  return types.find(apiVersion, kind);
}
