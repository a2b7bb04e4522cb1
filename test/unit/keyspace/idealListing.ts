import { fromBinaryKey, toBinaryKey } from '../../../src/etcd/keyspace/binaryKey.ts';
import type { LimitedRange } from '../../../src/etcd/keyspace/childListing.ts';
import { prefixEnd } from '../../../src/etcd/keyspace/ranges.ts';
import type { MemoryReader } from './memoryReader.ts';

/**
 * Milliseconds that a request, a range, a range that has keys, a key returned and a key counted take, by gRPC on loopback: the
 * cost model of the listing. Keys written in mixed order take five times longer to count.
 */
export const COSTS = { request: 1, range: 0.005, found: 0.008, key: 0.002, count: 0.00004 };

/** Most ranges of a transaction, and keys that one is to bring. */
const RANGES = 128;
const KEYS = 8000;
interface KnownChild {
  readonly end: string;
  keys: number;
}

/**
 * The floor: the requests of somebody who knows all keys and only has to be shown, with proof and with the numbers of keys, what the
 * first `size` children of a folder are. A range for each child, from the end of the one before to its own end, of which one
 * key is read; children that are read as fast as jumped over, in a row in one range. Nothing is counted twice, nothing behind the
 * last child is counted, and no listing that has to find out the names can ask for less.
 * @param keys all keys below the folder, sorted, as binary strings
 * @param request milliseconds that each request adds: far away it is better to read more in fewer of them
 */
export function idealRequests(
  keys: readonly string[],
  folder: string,
  size = Infinity,
  request = COSTS.request,
): LimitedRange[][] {
  /** Jumping over a child takes as long as to read so many keys. */
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

/** What the requests of a reader take, by the cost model and one after another. */
export function modelTime({ requests, asked, found, returnedKeys, countedKeys }: MemoryReader): number {
  const { request, range, found: hit, key, count } = COSTS;
  return request * requests + range * asked.length + hit * found + key * returnedKeys + count * countedKeys;
}
