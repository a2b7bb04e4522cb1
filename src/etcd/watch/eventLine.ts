import { keyText } from '../keys/keyText.ts';
import type { RecordedEvent } from './eventRing.ts';

/**
 * Formats an event as one line of JSON: the key as text, revisions as strings, and values, if wanted and kept, in
 * base64.
 */
export function eventLine(event: RecordedEvent, values: boolean): string {
  const { kind, time, key, revision, size, value, previous, valuesDropped } = event;
  return JSON.stringify({
    time: new Date(time).toISOString(),
    event: kind,
    revision: String(revision),
    ...(kind !== 'gap' && { key: keyText(key) }),
    ...(size !== undefined && { size }),
    ...(previous && { previousRevision: String(previous.modRevision), previousSize: previous.value.length }),
    ...(values && value && { value: base64(value) }),
    ...(values && previous && { previousValue: base64(previous.value) }),
    ...(values && valuesDropped && { valuesDropped }),
  });
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
}
