import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { readExactly } from './fileWindows.ts';

/** Beginnings of compressed files, which may contain a snapshot. */
const PACKED: readonly (readonly [name: string, beginning: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['age', [0x61, 0x67, 0x65, 0x2d, 0x65, 0x6e]],
];

/** Buckets that identify the program which wrote a bbolt file. */
const PROGRAMS: readonly (readonly [program: string, buckets: readonly string[]])[] = [
  ['Raft (Consul, Nomad)', ['logs', 'conf']],
  ['Vault', ['data', 'config']],
  ['InfluxDB', ['authorizationsv1']],
  ['Docker', ['libnetwork']],
  ['BuildKit', ['_main', '_external']],
  ['containerd', ['v1']],
];

const MAX_NAMED_BUCKETS = 8;
const MAX_NAME = 40;
/** Bytes of a broken snapshot that are hashed at a time. */
const PIECE = 4 * 1024 * 1024;

/** Explains why a file is not a bbolt file, or cannot be opened. @throws Node's error */
export function foreignFileSentence(fd: number, size: number, problems: readonly string[]): string {
  if (size === 0) return l10n.t('The file is empty.');
  if (problems.includes('bigEndian'))
    return l10n.t('This etcd file was written on a machine with the other byte order, and cannot be read here.');
  if (problems.includes('damaged')) {
    const broken = l10n.t('Both meta pages of this file are damaged: nothing can be found in it.');
    return size % 512 === 32 && !endsWithItsSha(fd, size)
      ? `${broken} ${l10n.t('Its content is not what its SHA-256 checksum was made of.')}`
      : broken;
  }
  const beginning = Buffer.alloc(Math.min(size, 8));
  readExactly(fd, beginning, 0);
  const packed = PACKED.find(([, bytes]) => bytes.every((byte, index) => beginning[index] === byte));
  return packed
    ? l10n.t('This is a file packed with {0}: unpack it first.', packed[0])
    : l10n.t('This is neither an etcd snapshot nor the db file of an etcd member.');
}

/** Describes a bbolt file without keys of etcd. */
export function otherProgramSentence(buckets: readonly string[]): string {
  const program = PROGRAMS.find(([, wanted]) => wanted.every((name) => buckets.includes(name)))?.[0];
  if (program !== undefined) return l10n.t('This is a bbolt file of {0}, not of etcd.', program);
  if (buckets.length === 0) return l10n.t('This is a bbolt file without any content.');
  const names = buckets.slice(0, MAX_NAMED_BUCKETS).map((name) => JSON.stringify(name.slice(0, MAX_NAME)));
  return l10n.t('This is a bbolt file, but not of etcd 3: it has no bucket "key". Its buckets: {0}', names.join(', '));
}

function endsWithItsSha(fd: number, size: number): boolean {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(PIECE, size));
  for (let position = 0; position < size - 32; position += PIECE) {
    const length = Math.min(PIECE, size - 32 - position);
    readExactly(fd, piece, position, length);
    hash.update(piece.subarray(0, length));
  }
  const expected = Buffer.alloc(32);
  readExactly(fd, expected, size - 32);
  return hash.digest().equals(expected);
}
