import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field of a protobuf message: a list is a repeated field, a `Map` is a map field, a number is an integer. */
type ProtobufValue =
  | string
  | number
  | boolean
  | Uint8Array
  | Map<string, string | Uint8Array | ProtobufMessage>
  | ProtobufValue[]
  | ProtobufMessage;

/** A protobuf message by its field numbers. */
export interface ProtobufMessage {
  readonly [fieldNumber: string]: ProtobufValue;
}

function writeField(writer: BinaryWriter, fieldNumber: number, value: ProtobufValue): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      writeField(writer, fieldNumber, item);
    }
  } else if (value instanceof Map) {
    for (const [name, item] of value) {
      writeField(writer, fieldNumber, { 1: name, 2: item });
    }
  } else if (typeof value === 'string') {
    writer.tag(fieldNumber, WireType.LengthDelimited).string(value);
  } else if (typeof value === 'number') {
    writer.tag(fieldNumber, WireType.Varint).int64(value);
  } else if (typeof value === 'boolean') {
    writer.tag(fieldNumber, WireType.Varint).bool(value);
  } else if (value instanceof Uint8Array) {
    writer.tag(fieldNumber, WireType.LengthDelimited).bytes(value);
  } else {
    writer.tag(fieldNumber, WireType.LengthDelimited).fork();
    writeMessage(writer, value);
    writer.join();
  }
}

function writeMessage(writer: BinaryWriter, message: ProtobufMessage): void {
  for (const [fieldNumber, value] of Object.entries<ProtobufValue>(message)) {
    writeField(writer, Number(fieldNumber), value);
  }
}

/**
 * Encodes an object as the Kubernetes API server stores it in etcd: a magic number, then `runtime.Unknown` around the
 * object.
 */
export function storedObject(apiVersion: string, kind: string, object: ProtobufMessage): Uint8Array {
  const writer = new BinaryWriter().raw(Buffer.from('k8s\0'));
  const raw = new BinaryWriter();
  writeMessage(raw, object);
  // Content encoding and content type (fields 3 and 4) are written although empty, as the API server does.
  writeMessage(writer, { 1: { 1: apiVersion, 2: kind }, 2: raw.finish(), 3: '', 4: '' });
  return writer.finish();
}
