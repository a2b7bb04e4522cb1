import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { bytesText } from '../countText.ts';
import { EtcdError } from '../errors.ts';
import { readMetas, type BoltMeta } from './boltMeta.ts';
import { Damage, DamageLog } from './damage.ts';
import { FileWindows } from './fileWindows.ts';
import { foreignFileSentence } from './foreignFile.ts';

/** Bytes of a page's header, and of one element of its table. */
export const HEADER = 16;
export const ELEMENT = 16;
export const BRANCH = 1;
export const LEAF = 2;
/** Bytes of the SHA-256 of everything before, with which a snapshot ends. */
export const SHA_BYTES = 32;
/** etcd's own test of whether a file ends with a checksum: its size modulo this. */
const SECTOR = 512;
/** Limit of a node; a value has at most some megabytes. */
const MAX_NODE_BYTES = 256 * 1024 * 1024;

/** The data after the pages of a file. */
export type FileEnd =
  /** A SHA-256, as in snapshots. */
  | 'checksum'
  /** A part of one. */
  | 'cutChecksum'
  /** Nothing, or unused pages: the `db` file of a member has no checksum. */
  | 'noChecksum'
  /** Pages in use are missing. */
  | 'cut';

/**
 * Pages of a bbolt file, which is never written to or locked. A reference to a page that is missing or not sound is a
 * Damage.
 */
export class BoltFile {
  readonly fd: number;
  /** Size in bytes. */
  readonly size: number;
  readonly meta: BoltMeta;
  readonly end: FileEnd;
  readonly damages: DamageLog;
  readonly #windows: FileWindows;

  private constructor(fd: number, size: number, meta: BoltMeta, damages: DamageLog) {
    this.fd = fd;
    this.size = size;
    this.meta = meta;
    this.damages = damages;
    this.#windows = new FileWindows(fd, size, meta.pageSize);
    this.end = endOf(size, this.used);
    if (this.end === 'cut')
      damages.add(l10n.t('The file is cut off: it has {0} of at least {1} bytes.', size, this.used));
    if (this.end === 'cutChecksum')
      damages.add(l10n.t('The file ends within its checksum. Missing: {0}.', bytesText(this.used + SHA_BYTES - size)));
  }

  /** @throws EtcdError `unreadableFile` if it is not a bbolt file; Node's error */
  static open(path: string): BoltFile {
    // Opening a pipe without this flag waits for a writer; Windows has no such flag.
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) throw new EtcdError('unreadableFile', l10n.t('This is not a file that can be read.'));
      const damages = new DamageLog();
      const { newest, problems, disagree } = readMetas(fd, stat.size);
      if (!newest) throw new EtcdError('unreadableFile', foreignFileSentence(fd, stat.size, problems));
      if (problems.length > 0)
        damages.add(l10n.t('One of the two meta pages is damaged: what was written last may be missing.'));
      if (disagree) damages.add(l10n.t('The two meta pages do not belong together.'));
      return new BoltFile(fd, stat.size, newest, damages);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Bytes of all pages in use, which etcd calls the total size. */
  get used(): number {
    return this.meta.pages * this.meta.pageSize;
  }

  /** Number of complete pages in the file. */
  get presentPages(): number {
    return Math.min(this.meta.pages, Math.floor(this.size / this.meta.pageSize));
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Returns a page's whole node, with the pages that belong to it; valid until the next call. @throws Damage */
  node(id: number): Buffer {
    const { pageSize } = this.meta;
    if (id >= this.presentPages) throw new Damage(l10n.t('Page {0} is in the part of the file that is missing.', id));
    const page = this.#windows.bytes(id * pageSize, pageSize);
    const bytes = this.#nodeBytes(page, id);
    return bytes > pageSize ? this.#windows.bytes(id * pageSize, bytes) : page;
  }

  /** Returns the number of a page that another one refers to. @throws Damage */
  reference(raw: bigint, from: number): number {
    if (raw >= 2n && raw < BigInt(this.meta.pages)) return Number(raw);
    throw new Damage(l10n.t('Page {0} refers to page {1}, which is not in the file.', from, String(raw)));
  }

  #nodeBytes(header: Buffer, id: number): number {
    const { pageSize } = this.meta;
    const count = header.readUInt16LE(10);
    const kind = header.readUInt16LE(8);
    const bytes = (header.readUInt32LE(12) + 1) * pageSize;
    const isBroken =
      header.readBigUInt64LE(0) !== BigInt(id) ||
      (kind !== BRANCH && kind !== LEAF) ||
      bytes > MAX_NODE_BYTES ||
      HEADER + count * ELEMENT > bytes ||
      (kind === BRANCH && count === 0);
    if (isBroken) throw new Damage(l10n.t('Page {0} is damaged.', id));
    if (id * pageSize + bytes > this.presentPages * pageSize)
      throw new Damage(l10n.t('Page {0} goes on beyond the end of the file.', id));
    return bytes;
  }
}

function endOf(size: number, used: number): FileEnd {
  if (size < used) return 'cut';
  if (size === used + SHA_BYTES || (size > used && size % SECTOR === SHA_BYTES)) return 'checksum';
  return size > used && size < used + SHA_BYTES ? 'cutChecksum' : 'noChecksum';
}
