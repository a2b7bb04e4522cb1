import { compareKeys, prefixRange, rangeContains } from '../keys/ranges.ts';
import type { KeyRange, ScanPage } from '../keyStore.ts';
import type { V2Client } from './v2Client.ts';
import { ERROR } from './v2Errors.ts';
import { toKeyValue } from './v2KeyValue.ts';
import { directoryPath } from './v2Paths.ts';

/** Directories read at the same time. */
const PARALLEL = 8;
const SLASH = 0x2f;

const encoder = new TextEncoder();

/** Yields the keys of a range, one page per directory: see `ScanOptions.levels`. */
export async function* v2Levels(
  client: V2Client,
  range: KeyRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScanPage> {
  const { start } = range;
  const first = start.subarray(0, start.lastIndexOf(SLASH) + 1);
  const waiting = [first.length === 0 ? Uint8Array.of(SLASH) : first];
  let total = 0;
  while (waiting.length > 0) {
    // Takes the ones found last first, so that few directories wait.
    const levels = await Promise.all(waiting.splice(-PARALLEL).map((prefix) => readLevel(client, prefix, signal)));
    for (const { nodes, revision } of levels) {
      const kvs = nodes
        .filter(({ isDirectory }) => !isDirectory)
        .map((node) => toKeyValue(encoder.encode(node.key), node))
        .filter(({ key }) => rangeContains(range, key));
      total += kvs.length;
      yield { kvs: kvs.toSorted((a, b) => compareKeys(a.key, b.key)), total, revision };
      const directories = nodes.filter(({ isDirectory }) => isDirectory).map(({ key }) => encoder.encode(`${key}/`));
      waiting.push(...directories.filter((prefix) => overlap(range, prefixRange(prefix))));
    }
  }
}

async function readLevel(client: V2Client, prefix: Uint8Array, signal: AbortSignal | undefined) {
  const { node, index } = await client.call({
    method: 'GET',
    path: directoryPath(prefix),
    parameters: { quorum: 'true' },
    expected: [ERROR.keyNotFound, ERROR.notADirectory],
    signal,
  });
  return { nodes: node?.nodes ?? [], revision: index };
}

function overlap(a: KeyRange, b: KeyRange): boolean {
  return rangeContains(a, b.start) || rangeContains(b, a.start);
}
