import * as l10n from '@vscode/l10n';
import { ELEMENT, HEADER, LEAF, type BoltFile } from './boltFile.ts';
import { brokenElement, Damage } from './damage.ts';

/** Limit of a tree's depth, above that of a tree of all possible pages. */
const MAX_DEPTH = 40;
const BUCKET_FLAG = 1;

/** A page with elements: the whole node from `from` on. An inline bucket's page is inside another page. */
export interface Leaf {
  readonly id: number;
  readonly bytes: Buffer;
}

/** A bucket at the root of a bbolt file. */
export interface Bucket {
  readonly name: string;
  /** The page of its tree; undefined if it is small enough to be inside the root. */
  readonly root: number | undefined;
  readonly inline: Buffer | undefined;
  /** The page that contains it. */
  readonly page: number;
}

/** Pages met while reading a file: one that is met twice is a loop, or shared by two. */
export class PageClaims {
  readonly #bits: Uint8Array;

  constructor({ presentPages }: BoltFile) {
    this.#bits = new Uint8Array(Math.ceil(presentPages / 8));
  }

  has(id: number): boolean {
    return ((this.#bits[id >> 3] ?? 0) & (1 << (id & 7))) !== 0;
  }

  /** @throws Damage if one of the pages was claimed before */
  claim(id: number, pages: number): void {
    for (let page = id; page < id + pages; page++)
      if (this.has(page)) throw new Damage(l10n.t('Page {0} is referred to twice.', page));
    for (let page = id; page < id + pages; page++)
      this.#bits[page >> 3] = (this.#bits[page >> 3] ?? 0) | (1 << (page & 7));
  }
}

interface Branch {
  readonly id: number;
  readonly bytes: Buffer;
  next: number;
}

/**
 * Yields the leaves of a tree in key order; each is valid until the next one. What cannot be read is added to the
 * file's damages, and reading continues behind it. Each page is read once, so the file's size bounds the work.
 * @param lost called if a branch is lost, with everything below it
 */
export function* leavesOf(
  file: BoltFile,
  root: number,
  claims: PageClaims,
  lost: () => void = () => undefined,
): Generator<Leaf> {
  const stack: Branch[] = [];
  const visit = (id: number, firstKey: Buffer | undefined): Leaf | undefined => {
    const bytes = file.node(id);
    claims.claim(id, bytes.length / file.meta.pageSize);
    if (bytes.readUInt16LE(8) === LEAF) return soundLeaf({ id, bytes }, firstKey);
    if (stack.length >= MAX_DEPTH) throw new Damage(l10n.t('Page {0} is deeper than a tree can be.', id));
    stack.push({ id, bytes: Buffer.from(bytes), next: 0 });
    return undefined;
  };
  // A root may be an empty leaf.
  const first = attempted(file, () => visit(root, undefined));
  if (first) yield first;
  if (first === null) lost();
  for (let branch = stack.at(-1); branch; branch = stack.at(-1)) {
    const { id, bytes } = branch;
    const index = branch.next++;
    if (index >= bytes.readUInt16LE(10)) {
      stack.pop();
      continue;
    }
    const leaf = attempted(file, () => {
      const at = HEADER + index * ELEMENT;
      return visit(file.reference(bytes.readBigUInt64LE(at + 8), id), branchKey(bytes, id, index));
    });
    if (leaf) yield leaf;
    if (leaf === null) lost();
  }
}

/** Returns `null` after a damage. */
function attempted<T>(file: BoltFile, step: () => T): T | null {
  const result = file.damages.attempt(() => ({ value: step() }));
  return result ? result.value : null;
}

/** Checks a leaf: bbolt writes a child's first key into its branch with each change. */
function soundLeaf(leaf: Leaf, firstKey: Buffer | undefined): Leaf {
  if (!firstKey) return leaf;
  const { bytes, id } = leaf;
  if (bytes.readUInt16LE(10) === 0) throw new Damage(l10n.t('Page {0} has no elements.', id));
  const at = HEADER + bytes.readUInt32LE(HEADER + 4);
  const length = bytes.readUInt32LE(HEADER + 8);
  if (at + length > bytes.length) throw brokenElement(id, 0);
  if (!bytes.subarray(at, at + length).equals(firstKey))
    throw new Damage(l10n.t('Page {0} is not the one that belongs in its place.', id));
  return leaf;
}

function branchKey(bytes: Buffer, id: number, index: number): Buffer {
  const at = HEADER + index * ELEMENT;
  const [from, length] = [at + bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
  if (from + length > bytes.length || length === 0) throw brokenElement(id, index);
  return bytes.subarray(from, from + length);
}

/** Receives the position of an element in its leaf. */
export type UseElement = (flags: number, keyAt: number, keyLength: number, valueLength: number) => void;

/**
 * Calls `use` for each element of a leaf. bbolt writes keys and values one after another without gaps, behind the
 * table.
 * @throws Damage at the first element that is elsewhere; the ones before it have been used
 */
export function forEachElement({ bytes, id }: Leaf, use: UseElement): void {
  const count = bytes.readUInt16LE(10);
  let next = HEADER + count * ELEMENT;
  for (let index = 0; index < count; index++) {
    const at = HEADER + index * ELEMENT;
    const from = at + bytes.readUInt32LE(at + 4);
    const keyLength = bytes.readUInt32LE(at + 8);
    const valueLength = bytes.readUInt32LE(at + 12);
    const end = from + keyLength + valueLength;
    if (from !== next || end > bytes.length || keyLength === 0) throw brokenElement(id, index);
    next = end;
    use(bytes.readUInt32LE(at), from, keyLength, valueLength);
  }
}

/** Yields all leaves of a bucket. */
export function* bucketLeaves(file: BoltFile, bucket: Bucket, claims: PageClaims, lost?: () => void): Generator<Leaf> {
  if (bucket.root !== undefined) return yield* leavesOf(file, bucket.root, claims, lost);
  if (bucket.inline) yield { id: bucket.page, bytes: bucket.inline };
}

/** Yields the elements of a small bucket, in memory of their own, as far as they can be read. */
export function* bucketElements(
  file: BoltFile,
  bucket: Bucket,
  claims: PageClaims,
): Generator<{ readonly key: Buffer; readonly value: Buffer }> {
  for (const leaf of bucketLeaves(file, bucket, claims)) {
    const found: { key: Buffer; value: Buffer }[] = [];
    file.damages.attempt(() =>
      forEachElement(leaf, (flags, keyAt, keyLength, valueLength) => {
        if (flags !== 0) throw new Damage(l10n.t('Page {0} holds a bucket where there is none in etcd.', leaf.id));
        const key = Buffer.from(leaf.bytes.subarray(keyAt, keyAt + keyLength));
        const value = Buffer.from(leaf.bytes.subarray(keyAt + keyLength, keyAt + keyLength + valueLength));
        found.push({ key, value });
      }),
    );
    yield* found;
  }
}

/**
 * Reads the buckets at the root in the order of their names, as far as possible.
 * @param lost called if some of them may be missing
 */
export function readBuckets(file: BoltFile, claims: PageClaims, lost: () => void): Bucket[] {
  const buckets: Bucket[] = [];
  for (const leaf of leavesOf(file, file.meta.root, claims, lost)) {
    const complete = file.damages.attempt(() => {
      forEachElement(leaf, (flags, keyAt, keyLength, valueLength) => {
        const name = leaf.bytes.toString('latin1', keyAt, keyAt + keyLength);
        const header = leaf.bytes.subarray(keyAt + keyLength, keyAt + keyLength + valueLength);
        if (flags !== BUCKET_FLAG || header.length < HEADER)
          throw new Damage(l10n.t('Page {0} holds something other than buckets.', leaf.id));
        const root = header.readBigUInt64LE(0);
        buckets.push({
          name,
          page: leaf.id,
          root: root === 0n ? undefined : file.reference(root, leaf.id),
          inline: root === 0n ? inlinePage(header.subarray(HEADER), leaf.id) : undefined,
        });
      });
      return true;
    });
    if (!complete) lost();
  }
  return buckets;
}

/** Copies a small bucket's page. @throws Damage */
function inlinePage(page: Buffer, id: number): Buffer {
  const isBroken =
    page.length < HEADER ||
    page.readUInt16LE(8) !== LEAF ||
    page.readUInt32LE(12) !== 0 ||
    HEADER + page.readUInt16LE(10) * ELEMENT > page.length;
  if (isBroken) throw new Damage(l10n.t('A bucket within page {0} is damaged.', id));
  return Buffer.from(page);
}
