/** Encoding of a Kubernetes value; `encrypted` by the API server, which alone can read it. */
export type Encoding = 'protobuf' | 'json' | 'cbor' | 'encrypted';

const PREFIXES: readonly (readonly [Encoding, Uint8Array])[] = [
  ['protobuf', Buffer.from('k8s\0')],
  ['encrypted', Buffer.from('k8s:enc:')],
  // CBOR's own mark: the tag "self-described CBOR".
  ['cbor', Uint8Array.of(0xd9, 0xd9, 0xf7)],
  // Custom resources: Go sorts the names of an object, and ends the text with a line feed.
  ['json', Buffer.from('{"apiVersion":"')],
];

/** Recognizes the encoding of a Kubernetes value from its first bytes; undefined for any other value. */
export function encodingOf(value: Uint8Array): Encoding | undefined {
  const encoding = PREFIXES.find(([, prefix]) => Buffer.compare(value.subarray(0, prefix.length), prefix) === 0)?.[0];
  return encoding === 'json' && value.at(-1) !== 0x0a ? undefined : encoding;
}
