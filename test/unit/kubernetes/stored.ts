import { storedObjectYaml, readStoredObject, whyReadOnly } from '../../../src/etcd/kubernetes/storedObject.ts';
import { concat, delimited, EMPTY } from '../../../src/etcd/kubernetes/wire.ts';

/** Returns a value as the API server stores it. */
export function stored(apiVersion: string, kind: string, object: Uint8Array): Uint8Array {
  const meta = concat([delimited(1, Buffer.from(apiVersion)), delimited(2, Buffer.from(kind))]);
  return concat([
    Buffer.from('k8s\0'),
    delimited(1, meta),
    delimited(2, object),
    delimited(3, EMPTY),
    delimited(4, EMPTY),
  ]);
}

/** Returns why the value could not be edited. */
export function gate(value: Uint8Array): string | undefined {
  const manifest = readStoredObject(value);
  return whyReadOnly(manifest, storedObjectYaml(manifest), value);
}
