import { BoundedMap } from '../../etcd/boundedMap.ts';
import type { EditedKey } from '../addresses/keyUri.ts';
import { mergeUriParts } from '../addresses/mergeUri.ts';

const LIMITS = { entries: 20, bytes: 32 * 1024 * 1024, bytesOf: (value: Uint8Array) => value.length };

/** A key at the revision of a change. */
type VersionAddress = EditedKey & { readonly modRevision: bigint };

/** Values of shown versions, for stores without history and for versions that are compacted meanwhile. */
export class KeptVersions {
  readonly #values = new BoundedMap<string, Uint8Array>(LIMITS);

  get(address: VersionAddress): Uint8Array | undefined {
    return this.#values.get(nameOf(address));
  }

  keep(address: EditedKey, modRevision: bigint, value: Uint8Array): void {
    this.#values.set(nameOf({ ...address, modRevision }), value);
  }
}

function nameOf(address: VersionAddress): string {
  const { authority, path, query } = mergeUriParts({ ...address, part: 'version' });
  return [authority, path, query].join('\0');
}
