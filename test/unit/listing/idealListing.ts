import { fromBinaryKey, toBinaryKey } from '../../../src/etcd/keys/binaryKey.ts';
import type { LimitedRange } from '../../../src/etcd/listing/childListing.ts';
import { prefixEnd } from '../../../src/etcd/keys/ranges.ts';
import type { MemoryReader } from './memoryReader.ts';

/**
 * Milliseconds for a request, a range, a range with keys, a key returned and a key counted, by gRPC on loopback: the
 * cost model of the listing. Keys written in mixed order take five times longer to count.
 */
export const COSTS = { request: 1, range: 0.005, found: 0.008, key: 0.002, count: 0.00004 };

/** Upper bound of the ranges of a transaction, and of the keys that it should return. */
const RANGES = 128;
const KEYS = 8000;
interface KnownChild {
  readonly end: string;
  keys: number;
}

/**
 * Returns the requests of the floor: those of someone who knows all keys, and only has to prove what the first `size`
 * children of a folder are and how many keys they have. There is one range per child, from the end of the one before to
 * its own end, of which one key is read; children that are read as fast as jumped over share a range. Nothing is
 * counted twice, and nothing behind the last child is counted. No listing that has to find the names can ask for less.
 * @param keys all keys below the folder, sorted, as binary strings
 * @param request milliseconds that each request adds: far away, fewer requests that read more are better
 */
export function idealRequests(
  keys: readonly string[],
  folder: string,
  size = Infinity,
  request = COSTS.request,
): LimitedRange[][] {
  /** Number of keys that can be read in the time of jumping over a child. */
  const keysOfAJump = (COSTS.range + COSTS.found + COSTS.key + request / RANGES) / COSTS.key;
  const requests: LimitedRange[][] = [];
  let room = 0;
  let start = folder === '' ? '\0' : folder;
  const ask = (end: string, limit: number) => {
    if (room <= 0 || (requests.at(-1)?.length ?? RANGES) >= RANGES) {
      requests.push([]);
      room = KEYS;
    }
    requests.at(-1)?.push({ start: fromBinaryKey(start), end: fromBinaryKey(end), limit });
    room -= limit;
    start = end;
  };
  let [read, readEnd] = [0, folder];
  const askRead = () => {
    if (read > 0) ask(readEnd, read);
    read = 0;
  };
  for (const child of knownChildren(keys, folder).slice(0, size)) {
    if (child.keys > keysOfAJump) {
      askRead();
      ask(child.end, 1);
    } else {
      read += child.keys;
      readEnd = child.end;
      if (read >= KEYS) askRead();
    }
  }
  askRead();
  return requests;
}

function knownChildren(keys: readonly string[], folder: string): readonly KnownChild[] {
  const children: KnownChild[] = [];
  let last: KnownChild | undefined;
  for (const key of keys) {
    if (last && key < last.end) {
      last.keys++;
      continue;
    }
    const separator = key.indexOf('/', folder.length);
    const end = separator < 0 ? `${key}\0` : toBinaryKey(prefixEnd(fromBinaryKey(key.slice(0, separator + 1))));
    last = { end, keys: 1 };
    children.push(last);
  }
  return children;
}

/** Returns the time of a reader's requests by the cost model, one after another. */
export function modelTime({ requests, asked, found, returnedKeys, countedKeys }: MemoryReader): number {
  const { request, range, found: hit, key, count } = COSTS;
  return request * requests + range * asked.length + hit * found + key * returnedKeys + count * countedKeys;
}
