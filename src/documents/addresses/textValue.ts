import { isUtf8 } from 'node:buffer';

/**
 * Whether a value can be edited as text without changing a byte: valid UTF-8 without NUL, which VS Code would treat as
 * binary.
 */
export function isText(value: Uint8Array): boolean {
  return isUtf8(value) && !value.includes(0);
}
