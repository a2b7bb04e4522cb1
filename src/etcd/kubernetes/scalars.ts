import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import * as l10n from '@vscode/l10n';
import type { Json } from './json.ts';
import { wrongType, type Path } from './problems.ts';
import type { WireRecord } from './wire.ts';

export type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'double';

// Without this, TextDecoder drops a byte order mark.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function wireTypeOf(scalar: Scalar): WireType {
  if (scalar === 'string' || scalar === 'bytes') return WireType.LengthDelimited;
  return scalar === 'double' ? WireType.Bit64 : WireType.Varint;
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** @throws Error if the record is of another type */
export function readText(record: WireRecord): string {
  return utf8.decode(record.content);
}

/** Reads a whole number of up to 64 bits. @throws Error if the record is of another type */
export function readInt64(record: WireRecord): number | bigint {
  return smallest(BigInt(new BinaryReader(record.value(WireType.Varint)).int64()));
}

/** Returns the JSON of a scalar; bytes are base64. @throws Error if the record is of another type */
export function readScalar(scalar: Scalar, record: WireRecord): Json {
  const value = record.value(wireTypeOf(scalar));
  switch (scalar) {
    case 'string':
      return readText(record);
    case 'bytes':
      return Buffer.from(value).toString('base64');
    case 'bool':
      return new BinaryReader(value).bool();
    case 'int32':
      return new BinaryReader(value).int32();
    case 'int64':
      return readInt64(record);
    case 'double':
      return new BinaryReader(value).double();
  }
}

export function zeroOf(scalar: Scalar): Json {
  if (scalar === 'string' || scalar === 'bytes') return '';
  return scalar === 'bool' ? false : 0;
}

function textOf(json: Json, path: Path | undefined): string {
  if (typeof json !== 'string') throw wrongType(path, l10n.t('a text; put it in quotation marks'));
  if (!json.isWellFormed()) throw wrongType(path, l10n.t('a text without halves of characters'));
  return json;
}

function bytesOf(json: Json, path: Path | undefined): Uint8Array {
  const text = typeof json === 'string' ? json.replace(/[\r\n]/g, '') : undefined;
  const bytes = Buffer.from(text ?? '', 'base64');
  if (bytes.toString('base64') !== text) throw wrongType(path, l10n.t('base64'));
  return bytes;
}

/** @param bits 32 or 64 */
function wholeNumberOf(json: Json, bits: 32 | 64, path: Path | undefined): bigint {
  const isWhole = typeof json === 'bigint' || (typeof json === 'number' && Number.isSafeInteger(json));
  if (!isWhole) throw wrongType(path, l10n.t('a whole number'));
  const number = BigInt(json);
  if (BigInt.asIntN(bits, number) !== number) throw wrongType(path, l10n.t('a whole number of {0} bits', bits));
  return number;
}

/** Writes a record with a scalar. @throws InvalidObject if the JSON is of another type */
export function writeScalar(scalar: Scalar, number: number, json: Json, path: Path | undefined): Uint8Array {
  const writer = new BinaryWriter().tag(number, wireTypeOf(scalar));
  switch (scalar) {
    case 'string':
      return writer.string(textOf(json, path)).finish();
    case 'bytes':
      return writer.bytes(bytesOf(json, path)).finish();
    case 'bool':
      if (typeof json !== 'boolean') throw wrongType(path, l10n.t('true or false'));
      return writer.bool(json).finish();
    case 'int32':
      return writer.int32(Number(wholeNumberOf(json, 32, path))).finish();
    case 'int64':
      return writer.int64(wholeNumberOf(json, 64, path)).finish();
    case 'double':
      if (typeof json !== 'number' && typeof json !== 'bigint') throw wrongType(path, l10n.t('a number'));
      return writer.double(Number(json)).finish();
  }
}
