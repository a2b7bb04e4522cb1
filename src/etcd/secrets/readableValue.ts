import { encodingOf } from '../kubernetes/encodings.ts';
import { keyText } from '../keys/keyText.ts';
import { asText } from '../utf8.ts';
import { maskSecrets, type MaskedText } from './maskSecrets.ts';

/** Limit of the bytes of a value that are looked at. */
const MAX_BYTES = 64 * 1024;

/** A value as a text to read. */
export interface ReadableValue extends MaskedText {
  /** True if the text is not the whole value. */
  readonly cut: boolean;
}

/**
 * Returns a value as text, a Kubernetes object as YAML; undefined if it is binary, encrypted or damaged.
 * @param masks whether secrets are masked
 */
export async function readableValue(
  key: Uint8Array,
  value: Uint8Array,
  masks: boolean,
): Promise<ReadableValue | undefined> {
  const whole = encodingOf(value) === undefined ? beginningOf(value) : await objectText(value);
  if (whole === undefined) return undefined;
  const cut = encodingOf(value) === undefined && value.length > MAX_BYTES;
  return masks ? { ...maskSecrets(keyText(key), whole), cut } : { text: whole, masked: false, cut };
}

/** Returns the value's beginning without the character that the limit cuts; undefined if it is no text. */
function beginningOf(value: Uint8Array): string | undefined {
  const text = asText(value);
  if (text === undefined || text.includes('\0')) return undefined;
  return value.length <= MAX_BYTES
    ? text
    : Buffer.from(value.subarray(0, MAX_BYTES))
        .toString('utf8')
        .replace(/\uFFFD$/, '');
}

async function objectText(value: Uint8Array): Promise<string | undefined> {
  // Loaded when the first such value is read.
  const { storedObjectYaml, readStoredObject, UnreadableValue } = await import('../kubernetes/storedObject.ts');
  try {
    return storedObjectYaml(readStoredObject(value));
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}
