/** Castagnoli's polynomial, reflected; `zlib.crc32` uses another one. */
const POLYNOMIAL = 0x82f63b78;
const BYTE_VALUES = 256;
/** Bytes processed at a time. */
const STEP = 8;

/** One table after another, for each position of a byte within a step. */
const table = makeTable();

function makeTable(): Int32Array {
  const made = new Int32Array(STEP * BYTE_VALUES);
  for (let byte = 0; byte < BYTE_VALUES; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = BYTE_VALUES; index < made.length; index++) {
    const before = made[index - BYTE_VALUES] ?? 0;
    made[index] = (before >>> 8) ^ (made[before & 0xff] ?? 0);
  }
  return made;
}

function entry(place: number, byte: number): number {
  return table[place * BYTE_VALUES + (byte & 0xff)] ?? 0;
}

/** Continues the CRC-32C `crc` with these bytes. */
export function crc32c(crc: number, bytes: Uint8Array): number {
  let rest = ~crc;
  let at = 0;
  for (; at + STEP <= bytes.length; at += STEP) {
    rest ^=
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    rest =
      entry(7, rest) ^
      entry(6, rest >>> 8) ^
      entry(5, rest >>> 16) ^
      entry(4, rest >>> 24) ^
      entry(3, bytes[at + 4] ?? 0) ^
      entry(2, bytes[at + 5] ?? 0) ^
      entry(1, bytes[at + 6] ?? 0) ^
      entry(0, bytes[at + 7] ?? 0);
  }
  for (; at < bytes.length; at++) rest = (rest >>> 8) ^ entry(0, rest ^ (bytes[at] ?? 0));
  return ~rest >>> 0;
}
