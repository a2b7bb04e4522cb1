/** Bytes of a transaction; etcd accepts 1.5 MB in one request unless configured otherwise. */
const BYTES_PER_TRANSACTION = 1_000_000;

/**
 * Cuts a list into parts that each fit into a transaction, by the number of items and by bytes; a larger item goes
 * alone.
 */
export function* batches<T>(items: readonly T[], most: number, bytesOf: (item: T) => number): Generator<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (batch.length === most || (batch.length > 0 && bytes + size > BYTES_PER_TRANSACTION)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
