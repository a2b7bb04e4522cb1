import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ReadOptions } from '../keyStore.ts';
import { rangeOp, READ } from './operations.ts';
import { KV, type RangeRequestSchema, type RangeResponse } from './transport/rpc_pb.js';
import type { Session } from './session.ts';

/** Sends several range requests at one revision, in as few transactions as the server accepts. @throws EtcdError */
export async function readRanges(
  session: Session,
  ranges: readonly MessageInitShape<typeof RangeRequestSchema>[],
  { revision, signal }: ReadOptions,
): Promise<{ readonly revision: bigint; readonly results: readonly RangeResponse[] }> {
  return await session.operations.read(ranges, revision, async (part, at = 0n) => {
    const success = part.map((range) => rangeOp({ ...range, revision: at }));
    const { header, responses } = await session.call(KV.method.txn, { success }, { ...READ, signal });
    const results = responses.flatMap(({ response }) => (response.case === 'responseRange' ? [response.value] : []));
    return { revision: header?.revision ?? 0n, results };
  });
}
