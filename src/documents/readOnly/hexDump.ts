const BYTES_PER_LINE = 16;
const HEX_COLUMN = 10;
const ASCII_COLUMN = 61;
const LINE_LENGTH = ASCII_COLUMN + BYTES_PER_LINE + 2;

const DIGITS = Buffer.from('0123456789abcdef');
const SPACE = 0x20;
const TILDE = 0x7e;
const DOT = 0x2e;
const BAR = 0x7c;
const NEWLINE = 0x0a;

/** Returns the length of a dump of this many bytes. */
export function hexDumpLength(byteCount: number): number {
  const rest = byteCount % BYTES_PER_LINE;
  return Math.floor(byteCount / BYTES_PER_LINE) * LINE_LENGTH + (rest > 0 ? ASCII_COLUMN + rest + 2 : 0);
}

/**
 * Formats bytes as ASCII text, 16 per line: offset, bytes in hexadecimal, and characters, with a dot for unprintable
 * ones. Writes into one buffer, because values may have megabytes and the extension host waits.
 */
export function hexDump(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(hexDumpLength(bytes.length)).fill(SPACE);
  for (let start = 0, line = 0; start < bytes.length; start += BYTES_PER_LINE, line += LINE_LENGTH) {
    const count = Math.min(BYTES_PER_LINE, bytes.length - start);
    for (let digit = 0; digit < 8; digit++) text[line + digit] = hexDigit(start >>> (28 - 4 * digit));
    text[line + ASCII_COLUMN - 1] = BAR;
    for (let index = 0; index < count; index++) {
      const byte = bytes[start + index] ?? 0;
      const hex = line + HEX_COLUMN + 3 * index + (index < BYTES_PER_LINE / 2 ? 0 : 1);
      text[hex] = hexDigit(byte >>> 4);
      text[hex + 1] = hexDigit(byte);
      text[line + ASCII_COLUMN + index] = byte >= SPACE && byte <= TILDE ? byte : DOT;
    }
    text[line + ASCII_COLUMN + count] = BAR;
    text[line + ASCII_COLUMN + count + 1] = NEWLINE;
  }
  return text;
}

function hexDigit(value: number): number {
  return DIGITS[value & 0xf] ?? 0;
}
