import { readExactly } from './fileWindows.ts';

/** One of the two meta pages of a bbolt file. */
export interface BoltMeta {
  /** Bytes of a page, a power of two. */
  readonly pageSize: number;
  /** The page with the table of buckets. */
  readonly root: number;
  /** Number of pages in use, including those not yet freed. */
  readonly pages: number;
  /** Number of the commit that wrote it. */
  readonly txid: bigint;
}

type MetaProblem = 'missing' | 'foreign' | 'bigEndian' | 'damaged';

const MAGIC = 0xed0cdaed;
const VERSION = 2;
/** Bytes up to the end of its checksum. */
export const META_BYTES = 80;
const SMALLEST_PAGE = 1024;
const LARGEST_PAGE = 1 << 24;
const MAX_PAGES = 1n << 40n;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** The two meta pages: one of the last commit, and one of the commit before it. */
export interface Metas {
  /** The latest valid page. */
  readonly newest: BoltMeta | undefined;
  readonly problems: readonly MetaProblem[];
  /** True if both are valid, but not of consecutive commits or not of one page size. */
  readonly disagree: boolean;
}

/** Reads the meta pages of an open file. @throws Node's error */
export function readMetas(fd: number, size: number): Metas {
  const first = metaAt(fd, size, 0);
  const second = typeof first === 'string' ? searchedMeta(fd, size) : metaAt(fd, size, first.pageSize);
  const valid = [first, second].filter((meta) => typeof meta === 'object');
  const problems = [first, second].filter((meta) => typeof meta === 'string');
  const [a, b] = valid;
  const newest = a && b && b.txid > a.txid ? b : a;
  const difference = a && b ? a.txid - b.txid : 1n;
  const disagree = (difference !== 1n && difference !== -1n) || (b !== undefined && a?.pageSize !== b.pageSize);
  return { newest, problems, disagree };
}

/** Searches for the second meta page if the first one does not tell the size of a page. */
function searchedMeta(fd: number, size: number): BoltMeta | MetaProblem {
  let problem: MetaProblem = 'missing';
  for (let pageSize = SMALLEST_PAGE; pageSize <= LARGEST_PAGE; pageSize *= 2) {
    const meta = metaAt(fd, size, pageSize);
    if (typeof meta === 'object' && meta.pageSize === pageSize) return meta;
    if (meta === 'damaged' || meta === 'bigEndian') problem = meta;
  }
  return problem;
}

function metaAt(fd: number, size: number, position: number): BoltMeta | MetaProblem {
  if (position + META_BYTES > size) return 'missing';
  const bytes = Buffer.alloc(META_BYTES);
  readExactly(fd, bytes, position);
  if (bytes.readUInt32BE(16) === MAGIC) return 'bigEndian';
  if (bytes.readUInt32LE(16) !== MAGIC) return 'foreign';
  if (bytes.readUInt32LE(20) !== VERSION || fnv1a64(bytes.subarray(16, 72)) !== bytes.readBigUInt64LE(72))
    return 'damaged';
  const pageSize = bytes.readUInt32LE(24);
  const [root, pages] = [bytes.readBigUInt64LE(32), bytes.readBigUInt64LE(56)];
  const isPageSize = pageSize >= SMALLEST_PAGE && pageSize <= LARGEST_PAGE && (pageSize & (pageSize - 1)) === 0;
  if (!isPageSize || pages < 4n || pages > MAX_PAGES || root < 2n || root >= pages) return 'damaged';
  return { pageSize, root: Number(root), pages: Number(pages), txid: bytes.readBigUInt64LE(64) };
}

function fnv1a64(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}
