import { createHash, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { SHA_BYTES } from './boltFile.ts';
import { Damage } from './damage.ts';
import { fileDigest } from './fileDigest.ts';
import { readExactly, writeExactly } from './fileWindows.ts';
import type { IndexArrays } from './indexArrays.ts';
import type { Numbers } from './numbers.ts';
import { PagedBytes, PagedFile, PagedNumbers, type NumberWidth } from './pagedArrays.ts';
import type { IndexFacts } from './snapshotIndex.ts';

/** Number of the format: an index of another one is not used. */
const FORMAT = 1;
/** Bytes before the arrays: the header's length and the header, as JSON. */
const HEADER_BYTES = 4096;
const LENGTH_BYTES = 4;
const ALIGNMENT = 8;
const PIECE = 64 * 1024;
/** Arrays up to this size are read at once, because most requests use them. */
const SMALL = 4 * 1024 * 1024;

type NumbersName = Exclude<keyof IndexArrays, 'keyBytes'>;

/** The arrays of numbers in the order in which they are written behind the bytes of keys, with the bytes of a number. */
const NUMBERS: readonly (readonly [NumbersName, NumberWidth])[] = [
  ['keyEnds', 4],
  ['starts', 4],
  ['records', 4],
  ['counts', 4],
  ['presentBytes', 8],
  ['allBytes', 8],
  ['lows', 4],
  ['highStarts', 4],
  ['highs', 4],
  ['pages', 4],
  ['firsts', 4],
  ['skipped', 4],
];

interface Header {
  readonly format: number;
  readonly identity: string;
  readonly tombstones: number;
  readonly keyless: number;
  readonly keyBytes: number;
  /** Length of each array of numbers. */
  readonly lengths: readonly number[];
}

/** An index that is read from its file, which stays open. */
export interface LoadedIndex extends IndexFacts {
  readonly close: () => void;
}

/**
 * Saves an index under a name that appears once it is complete. It has the names of keys, but no values, and nothing of
 * users.
 * @param identity identifies the file that was read, with its present content
 * @throws Node's error
 */
export function saveIndex(path: string, identity: string, { arrays, tombstones, keyless }: IndexFacts): void {
  const part = `${path}.${randomUUID()}.part`;
  const fd = openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      const lengths = NUMBERS.map(([name]) => arrays[name].length);
      const keyBytes = arrays.keyBytes.length;
      const header = JSON.stringify({
        format: FORMAT,
        identity,
        tombstones,
        keyless,
        keyBytes,
        lengths,
      } satisfies Header);
      const hash = createHash('sha256');
      let position = 0;
      const write = (bytes: Uint8Array) => {
        writeExactly(fd, bytes, position);
        hash.update(bytes);
        position += bytes.length;
      };
      write(headerBytes(header));
      const pad = () => write(new Uint8Array(padded(position) - position));
      for (let from = 0; from < keyBytes; from += PIECE) write(arrays.keyBytes.subarray(from, from + PIECE));
      pad();
      for (const [name, width] of NUMBERS) {
        for (const bytes of piecesOf(arrays[name], width)) write(bytes);
        pad();
      }
      writeExactly(fd, hash.digest(), position);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Opens a saved index; undefined if there is none, or it is of other content, of another format or damaged. */
export function loadIndex(path: string, identity: string): LoadedIndex | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const facts = readIndex(fd, identity);
    if (facts) {
      // The indexes that were not used for longest are removed first.
      utimesSync(path, new Date(), new Date());
      const opened = fd;
      fd = undefined;
      return { ...facts, close: () => closeSync(opened) };
    }
  } catch (error) {
    if (!(error instanceof Damage) && !(error instanceof Error && 'code' in error)) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return undefined;
}

function readIndex(fd: number, identity: string): IndexFacts | undefined {
  const stat = fstatSync(fd);
  const size = stat.size - SHA_BYTES;
  if (!stat.isFile() || size < HEADER_BYTES) return undefined;
  const header = readHeader(fd);
  if (header?.identity !== identity || header.format !== FORMAT) return undefined;
  const positions = [HEADER_BYTES + padded(header.keyBytes)];
  for (const [index, [, width]] of NUMBERS.entries())
    positions.push(padded((positions[index] ?? 0) + (header.lengths[index] ?? 0) * width));
  if (positions.at(-1) !== size) return undefined;
  const expected = Buffer.alloc(SHA_BYTES);
  readExactly(fd, expected, size);
  if (!fileDigest(fd, size).equals(expected)) return undefined;
  const file = new PagedFile(fd, size);
  const numbers = (name: NumbersName): Numbers => {
    const index = NUMBERS.findIndex(([each]) => each === name);
    const [from = 0, length = 0, width = 4] = [positions[index], header.lengths[index], NUMBERS[index]?.[1]];
    if (length * width > SMALL) return new PagedNumbers(file, from, length, width);
    const small = numbersOf(width, length);
    readExactly(fd, new Uint8Array(small.buffer), from);
    return small;
  };
  const { tombstones, keyless, keyBytes } = header;
  const arrays: IndexArrays = {
    keyBytes: new PagedBytes(file, HEADER_BYTES, keyBytes),
    keyEnds: numbers('keyEnds'),
    starts: numbers('starts'),
    records: numbers('records'),
    counts: numbers('counts'),
    presentBytes: numbers('presentBytes'),
    allBytes: numbers('allBytes'),
    lows: numbers('lows'),
    highStarts: numbers('highStarts'),
    highs: numbers('highs'),
    pages: numbers('pages'),
    firsts: numbers('firsts'),
    skipped: numbers('skipped'),
  };
  return { arrays, tombstones, keyless };
}

function headerBytes(json: string): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(Buffer.byteLength(json));
  header.write(json, LENGTH_BYTES);
  return header;
}

function readHeader(fd: number): Header | undefined {
  const bytes = Buffer.alloc(HEADER_BYTES);
  readExactly(fd, bytes, 0);
  const length = bytes.readUInt32LE();
  try {
    return JSON.parse(bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function padded(position: number): number {
  return Math.ceil(position / ALIGNMENT) * ALIGNMENT;
}

/** Yields the bytes of numbers, a piece at a time; each is valid until the next one. */
function* piecesOf(numbers: Numbers, width: NumberWidth): Generator<Uint8Array> {
  const piece = numbersOf(width, Math.min(PIECE, numbers.length));
  for (let from = 0; from < numbers.length; from += PIECE) {
    const count = Math.min(PIECE, numbers.length - from);
    for (let index = 0; index < count; index++) piece[index] = numbers.at(from + index) ?? 0;
    yield new Uint8Array(piece.buffer, 0, count * width);
  }
}

function numbersOf(width: NumberWidth, length: number): Uint32Array | Float64Array {
  return width === 4 ? new Uint32Array(length) : new Float64Array(length);
}
