import type { MessageInitShape } from '@bufbuild/protobuf';
import { EtcdError } from '../errors.ts';
import { toBinaryKey } from '../keys/binaryKey.ts';
import type { LimitedRange, RangeResults, RangeKeys, RangeReader } from '../listing/childListing.ts';
import { KV, type RangeRequestSchema, type RangeResponse } from './transport/rpc_pb.js';
import { turnsOf } from '../turns.ts';
import type { Session } from './session.ts';

/** Creates the reader for listings: one range is a range request, several are one transaction. */
export function listingReader(session: Session): RangeReader {
  return (all, options) =>
    session.operations.read(all, options.revision, async (ranges, revision) => {
      try {
        return await read(session, ranges, revision, revision !== undefined, options.signal);
      } catch (error) {
        if (!EtcdError.is(error, 'futureRevision')) throw error;
        // The member that answered has not reached the listing's revision yet: asks the cluster instead.
        return await read(session, ranges, revision, false, options.signal);
      }
    });
}

async function read(
  session: Session,
  ranges: readonly LimitedRange[],
  revision: bigint | undefined,
  serializable: boolean,
  signal: AbortSignal,
): Promise<RangeResults> {
  const requests = ranges.map(({ start, end, limit }): MessageInitShape<typeof RangeRequestSchema> => ({
    key: start,
    rangeEnd: end,
    limit: BigInt(limit),
    revision: revision ?? 0n,
    serializable,
    keysOnly: true,
  }));
  const options = { repeatable: true, requireLeader: !serializable, signal };
  const [single] = requests;
  if (single && requests.length === 1) {
    const answer = await session.call(KV.method.range, single, options);
    return { revision: revision ?? answer.header?.revision ?? 0n, results: [rangeKeys(answer)] };
  }
  const success = requests.map((value) => ({ request: { case: 'requestRange' as const, value } }));
  const { header, responses } = await session.call(KV.method.txn, { success }, options);
  const results = responses.map(({ response }): RangeKeys => {
    if (response.case === 'responseRange') return rangeKeys(response.value);
    throw new Error(`etcd answered a range with ${response.case}`);
  });
  return { revision: revision ?? header?.revision ?? 0n, results };
}

function rangeKeys({ kvs, count }: RangeResponse): RangeKeys {
  const leased = kvs.filter(({ lease }) => lease !== 0n).map(({ key }) => toBinaryKey(key));
  return {
    keys: kvs.map(({ key }) => toBinaryKey(key)),
    turns: turnsOf(kvs),
    leased: leased.length > 0 ? new Set(leased) : undefined,
    count: Number(count),
  };
}
