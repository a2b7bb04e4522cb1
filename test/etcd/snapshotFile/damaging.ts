import { createHash } from 'node:crypto';

const PAGE = 4096;

/** Damages that disks, copies and attackers cause; each changes a copy at random places. */
export const DAMAGES: Readonly<Record<string, (bytes: Buffer, random: () => number) => Buffer>> = {
  bits: repeated((bytes, random) => {
    const at = pick(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(random, 8));
  }),
  bytes: repeated((bytes, random) => {
    bytes[pick(random, bytes.length)] = pick(random, 256);
  }),
  rubbish: repeated((bytes, random) => {
    const at = pick(random, bytes.length);
    for (let index = at; index < Math.min(at + 300, bytes.length); index++) bytes[index] = pick(random, 256);
  }),
  pageHeader: repeated((bytes, random) => {
    odd(bytes, pageAt(bytes, random) + ([0, 8, 10, 12][pick(random, 4)] ?? 0), random);
  }),
  element: repeated((bytes, random) => {
    odd(bytes, pageAt(bytes, random) + 16 + 4 * pick(random, 40), random);
  }),
  reference: repeated((bytes, random) => {
    bytes.writeBigUInt64LE(BigInt(pick(random, 40)), pageAt(bytes, random) + 24 + 16 * pick(random, 8));
  }),
  zeroPage: repeated((bytes, random) => {
    const at = pageAt(bytes, random);
    bytes.fill(0, at, at + PAGE);
  }),
  copiedPage: repeated((bytes, random) => {
    const [from, to] = [pageAt(bytes, random), pageAt(bytes, random)];
    bytes.copy(bytes, to, from, from + PAGE);
    if (random() < 0.5) bytes.writeBigUInt64LE(BigInt(to / PAGE), to);
  }),
  swappedPages: repeated((bytes, random) => {
    const [a, b] = [pageAt(bytes, random), pageAt(bytes, random)];
    const kept = Buffer.from(bytes.subarray(a, a + PAGE));
    bytes.copy(bytes, a, b, b + PAGE);
    kept.copy(bytes, b);
    if (random() < 0.5) for (const at of [a, b]) bytes.writeBigUInt64LE(BigInt(at / PAGE), at);
  }),
  cut: (bytes, random) => Buffer.from(bytes.subarray(0, pick(random, bytes.length))),
  meta: repeated((bytes, random) => {
    const at = PAGE * pick(random, 2);
    odd(bytes, at + 24 + 4 * pick(random, 12), random);
    bytes.writeBigUInt64LE(fnv1a64(bytes.subarray(at + 16, at + 72)), at + 72);
  }),
};

/** Replaces the SHA-256 at the end of a snapshot by that of its present content. */
export function withItsSha(snapshot: Buffer): Buffer {
  const content = snapshot.subarray(0, -32);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

export function fnv1a64(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

function repeated(damage: (bytes: Buffer, random: () => number) => void) {
  return (bytes: Buffer, random: () => number): Buffer => {
    const copy = Buffer.from(bytes);
    for (let times = 1 + pick(random, 3); times > 0; times--) damage(copy, random);
    return copy;
  };
}

function pick(random: () => number, count: number): number {
  return Math.floor(random() * count);
}

function pageAt(bytes: Buffer, random: () => number): number {
  return PAGE * pick(random, Math.floor(bytes.length / PAGE));
}

/** Writes a number at which sizes, counts and signs end. */
function odd(bytes: Buffer, at: number, random: () => number): void {
  const numbers = [0, 1, 2, 17, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
  const number = numbers[pick(random, numbers.length)] ?? pick(random, 2 ** 32);
  if (random() < 0.5) bytes.writeUInt32LE(number, at);
  else bytes.writeUInt16LE(number & 0xffff, at);
}
