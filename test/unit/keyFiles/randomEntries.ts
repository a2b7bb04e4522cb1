import type { FileEntry, FileHeader, FilePart } from '../../../src/etcd/keyFiles/fileEntry.ts';
import { compareKeys } from '../../../src/etcd/keys/ranges.ts';
import type { Random } from '../listing/random.ts';

const PIECES = [
  ...[
    '/',
    'a',
    'A',
    'name',
    '-',
    ' ',
    '  ',
    '\n',
    '\r\n',
    '\t',
    '\0',
    "'",
    '"',
    '`',
    '$HOME',
    '\\',
    '\\n',
    '#',
    ': ',
    '- ',
  ],
  ...[
    'é',
    'e\u0301',
    '🙂',
    '\u2028',
    '\u0085',
    '\ufeff',
    '\ufffd',
    '%',
    '%41',
    '%+',
    '.',
    '..',
    'CON',
    '{',
    ']',
    '|',
    '>',
    '~',
  ],
  ...[
    'yes',
    '1.0',
    '0x1f',
    'null',
    '---',
    '...',
    '2026-01-01',
    '=',
    '!!binary',
    '&a',
    '*a',
    '@',
    'key',
    'x'.repeat(90),
  ],
] as const;

function someBytes(random: Random, most: number): Uint8Array {
  const parts = Array.from({ length: random.below(most + 1) }, () =>
    random.below(8) === 0 ? random.bytes(random.below(4)) : Buffer.from(random.pick(PIECES)),
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** Creates keys and values that are hard for files, in key order, all with the prefix. */
export function randomEntries(random: Random, prefix: string, facts: boolean): FileEntry[] {
  const entries = new Map<string, FileEntry>();
  for (let count = random.below(40); count >= 0; count--) {
    const key = new Uint8Array(Buffer.concat([Buffer.from(prefix), someBytes(random, 6)]));
    if (key.length === 0) continue;
    const about = facts && {
      ...{ createRevision: 2n ** 60n, modRevision: BigInt(random.below(1000)), version: 3n },
      ...(random.below(2) === 0 && { lease: 2n ** 62n + 7n, ttl: random.below(100) }),
    };
    entries.set(Buffer.from(key).toString('hex'), { key, value: someBytes(random, 12), ...about });
  }
  return [...entries.values()].toSorted((a, b) => compareKeys(a.key, b.key));
}

/** Yields a text in chunks, cut anywhere. */
export async function* cutUp(text: string, random: Random): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(400);
    yield bytes.subarray(at, end);
    at = end;
  }
}

export async function gathered(parts: AsyncIterable<FilePart>) {
  const entries: FileEntry[] = [];
  let header;
  for await (const part of parts) {
    if ('header' in part) header = part.header;
    else entries.push(...part.entries);
  }
  return { header, entries };
}

/** Yields the parts of an export. */
export async function* partsWith(header: FileHeader, entries: readonly FileEntry[]): AsyncGenerator<FilePart> {
  yield { header };
  yield { entries };
}
