export const ENCODINGS = ['latin1', 'utf-16le', 'utf-16be', 'gbk', 'shift_jis'] as const;
type Encoding = (typeof ENCODINGS)[number];

/** Decodes bytes; undefined if they are not text of that encoding, or mean the same in UTF-8. */
export function decodeText(encoding: Encoding, bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte < 0x80 && byte > 0)) return undefined;
  if (encoding === 'latin1') {
    const text = Buffer.from(bytes).toString('latin1');
    return /(?!\s)\p{Cc}/u.test(text) ? undefined : text;
  }
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Encodes a text; undefined if the encoding does not have one of its characters. */
export function encodeText(encoding: Encoding, text: string): Uint8Array | undefined {
  switch (encoding) {
    case 'latin1':
      return /^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined;
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'gbk':
    case 'shift_jis': {
      const table = tableOf(encoding);
      const bytes: number[] = [];
      for (const character of text) {
        const encoded = table.get(character);
        if (!encoded) return undefined;
        bytes.push(...encoded);
      }
      return Uint8Array.from(bytes);
    }
  }
}

/** Makes the table from the decoder, because the platform has no encoder but that of UTF-8. */
function tableOf(encoding: 'gbk' | 'shift_jis'): ReadonlyMap<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const add = (...bytes: number[]) => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if (Array.from(text).length === 1 && text !== '\uFFFD' && !table.has(text)) table.set(text, bytes);
  };
  for (let first = 0; first < 0x100; first++) add(first);
  for (let first = 0x81; first < 0xff; first++) for (let second = 0x40; second < 0xff; second++) add(first, second);
  return table;
}
