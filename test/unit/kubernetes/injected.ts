import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { MessageType } from '../../../src/etcd/kubernetes/types.ts';
import { concat, delimited, splitRecords } from '../../../src/etcd/kubernetes/wire.ts';
import type { Random } from '../listing/random.ts';

/** Larger than any field number of Kubernetes. */
const FIRST_UNKNOWN = 600;

function unknownRecord(random: Random): Uint8Array {
  const number = FIRST_UNKNOWN + random.below(1000);
  const writer = new BinaryWriter();
  switch (random.below(5)) {
    case 0:
      return writer.tag(number, WireType.Varint).uint32(random.below(1e9)).finish();
    case 1:
      return writer
        .tag(number, WireType.LengthDelimited)
        .bytes(random.bytes(random.below(20)))
        .finish();
    case 2:
      return concat([writer.tag(number, WireType.Bit64).finish(), random.bytes(8)]);
    case 3:
      return concat([writer.tag(number, WireType.Bit32).finish(), random.bytes(4)]);
    default:
      return writer
        .tag(number, WireType.StartGroup)
        .tag(1, WireType.Varint)
        .uint32(7)
        .tag(number, WireType.EndGroup)
        .finish();
  }
}

/** Average number of places (before a record or at the end of a message) per added record. */
const EVERY = 4;

/**
 * Returns a message with records of unknown fields before, between and behind its own, at every depth.
 * @param injected called for each of them, except those in messages with a form of their own, which are not counted
 */
export function withUnknownFields(
  type: MessageType,
  bytes: Uint8Array,
  random: Random,
  injected: () => void,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  const perhaps = () => {
    if (random.below(EVERY) > 0) return;
    pieces.push(unknownRecord(random));
    if (type.form === undefined) injected();
  };
  for (const record of splitRecords(bytes)) {
    perhaps();
    const field = type.fields.find(({ number }) => number === record.number);
    // An entry of a map is a message of its own, whose values are left as they are.
    const isMessage = field && field.many !== 'map' && typeof field.content === 'function';
    const child = isMessage && typeof field.content === 'function' ? field.content() : undefined;
    if (child) pieces.push(delimited(record.number, withUnknownFields(child, record.content, random, injected)));
    else pieces.push(record.whole);
  }
  perhaps();
  return concat(pieces);
}
