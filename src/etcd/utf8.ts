import { isUtf8 } from 'node:buffer';

/** Decodes bytes as UTF-8; undefined if they are not UTF-8. */
export function asText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined;
}
