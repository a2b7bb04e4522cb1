import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { rangeAnswer } from '../../../src/etcd/v3/transport/rangeRows.ts';
import { KeyValueSchema, RangeResponseSchema } from '../../../src/etcd/v3/transport/rpc_pb.js';

const kvs = Array.from({ length: 5000 }, (_, at) => ({
  key: Uint8Array.of(0xff, at & 0xff, at >> 8),
  value: new Uint8Array(at % 300).fill(at),
  createRevision: BigInt(at),
  modRevision: 2n ** 62n + BigInt(at),
  version: 1n,
  lease: at % 2 === 0 ? 0n : 7n,
}));
const message = create(RangeResponseSchema, {
  header: { clusterId: 9n, revision: 12n },
  count: 1_000_000n,
  more: true,
  kvs,
});

describe('the rows of a range answer', () => {
  it('are as in the whole message, in whatever order they are asked for', () => {
    const binary = toBinary(RangeResponseSchema, message);
    const { rows, ...answer } = rangeAnswer(binary);
    assert.equal(rows.length, 5000);
    assert.deepEqual(answer, { revision: 12n, count: 1_000_000, bytes: binary.length });
    for (const at of [4999, 0, 1, 1024, 1023, 4000]) {
      assert.deepEqual(rows.kv(at), kvs[at]);
      assert.deepEqual([...rows.key(at)], [...(message.kvs[at]?.key ?? [])]);
    }
    assert.throws(() => rows.key(5000), RangeError);
    assert.throws(() => rows.kv(-1), RangeError);
  });

  it('may have their fields in another order, and ones that are not known', () => {
    const { version, key } = KeyValueSchema.field;
    const kv = new BinaryWriter();
    kv.tag(99, WireType.LengthDelimited).bytes(Uint8Array.of(1, 2));
    kv.tag(version.number, WireType.Varint).int64(3n);
    kv.tag(key.number, WireType.LengthDelimited).bytes(Buffer.from('a'));
    const answer = new BinaryWriter();
    answer.tag(RangeResponseSchema.field.kvs.number, WireType.LengthDelimited).bytes(kv.finish());
    answer.tag(77, WireType.Varint).uint32(1);
    const { rows, revision, count } = rangeAnswer(answer.finish());
    assert.deepEqual({ length: rows.length, revision, count }, { length: 1, revision: 0n, count: 0 });
    assert.equal(Buffer.from(rows.key(0)).toString(), 'a');
    assert.equal(rows.kv(0).version, 3n);
  });

  it('are refused where a message is broken off', () => {
    const binary = toBinary(RangeResponseSchema, message);
    assert.throws(() => rangeAnswer(binary.subarray(0, binary.length - 9)));
  });

  it('are refused where a field is longer than its row', () => {
    const { key, version } = KeyValueSchema.field;
    const kv = new BinaryWriter();
    kv.tag(key.number, WireType.LengthDelimited).bytes(Buffer.from('a'));
    // A value of 100 bytes, of which the row has none.
    kv.tag(KeyValueSchema.field.value.number, WireType.LengthDelimited).uint32(100);
    const next = new BinaryWriter().tag(version.number, WireType.Varint).int64(1n).finish();
    const answer = new BinaryWriter();
    answer.tag(RangeResponseSchema.field.kvs.number, WireType.LengthDelimited).bytes(kv.finish());
    answer.tag(77, WireType.LengthDelimited).bytes(Buffer.concat([next, Buffer.alloc(200)]));
    const { rows } = rangeAnswer(answer.finish());
    assert.throws(() => rows.kv(0), RangeError);
  });

  it('have no value and no lease where the answer has none', () => {
    const kv = { key: Buffer.from('a'), createRevision: 1n, modRevision: 2n, version: 3n };
    const { rows } = rangeAnswer(toBinary(RangeResponseSchema, create(RangeResponseSchema, { kvs: [kv] })));
    assert.deepEqual(rows.kv(0), { ...kv, key: new Uint8Array(kv.key), value: new Uint8Array(), lease: 0n });
  });

  it('are none in an empty answer', () => {
    assert.equal(rangeAnswer(new Uint8Array()).rows.length, 0);
  });
});
