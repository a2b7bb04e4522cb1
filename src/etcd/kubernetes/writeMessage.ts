import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import { byBytes, isList, isObject, member, type Json, type JsonObject } from './json.ts';
import { writeForm } from './ownForms.ts';
import { pairElements } from './pairing.ts';
import { unknownField, wrongType, type Path } from './problems.ts';
import { MessageReader, messageOf } from './readMessage.ts';
import { writeScalar, zeroOf } from './scalars.ts';
import type { Field, MessageType } from './types.ts';
import {
  byNumber,
  concat,
  delimited,
  EMPTY,
  mergedContent,
  patchRecords,
  sameBytes,
  splitRecords,
  type WireRecord,
} from './wire.ts';

/** A field of an edited object, and its old records. */
interface EditedField {
  readonly field: Field;
  readonly path: Path | undefined;
  /** The field's old records; undefined without an old message, whose missing records would have a meaning. */
  readonly before: readonly WireRecord[] | undefined;
}

// The limits of size were checked before, when the value was read.
const reader = (): MessageReader => new MessageReader();

function oldContent(records: readonly WireRecord[] | undefined): Uint8Array | undefined {
  return records && records.length > 0 ? mergedContent(records) : undefined;
}

/**
 * Writes a message. Whatever is unchanged in JSON keeps its bytes from `old`, and fields that the type does not know
 * keep their places; without `old`, the bytes are those that Go writes.
 * @throws InvalidObject if the JSON is not of that type
 */
export function writeMessage(type: MessageType, json: Json | undefined, old?: Uint8Array, path?: Path): Uint8Array {
  if (type.form !== undefined) {
    return writeForm(type.form, json ?? null, old, path, {
      message: (number, part, before, place) => writeMessage(messageOf(type, number), part, before, place),
    });
  }
  const object = json ?? {};
  if (!isObject(object)) throw wrongType(path, l10n.t('a mapping'));
  for (const name of Object.keys(object)) if (!type.names.has(name)) throw unknownField(path, name, type.name);
  return writeFields(type, object, old, path);
}

function writeFields(type: MessageType, object: JsonObject, old: Uint8Array | undefined, path: Path | undefined) {
  const records = splitRecords(old ?? EMPTY);
  const groups = byNumber(records);
  const replacements = new Map<number, Uint8Array>();
  for (const field of type.fields) {
    const bytes = writeField({ field, path, before: old && (groups.get(field.number) ?? []) }, object);
    if (bytes !== undefined) replacements.set(field.number, bytes);
  }
  return patchRecords(records, replacements);
}

/** Writes the records of a field; undefined if the old ones stay as they are. */
function writeField(place: EditedField, object: JsonObject): Uint8Array | undefined {
  const { field, before } = place;
  const { content, rule } = field;
  if (rule === 'i' && typeof content === 'function') {
    const old = before && mergedContent(before);
    const bytes = writeFields(content(), object, old, place.path);
    return old && sameBytes(bytes, old) ? undefined : delimited(field.number, bytes);
  }
  const json = member(object, field.name);
  const path = { parent: place.path, key: field.name };
  if (before) {
    const was = reader().field(field, before);
    if (isDeepStrictEqual(was, json) || (json === null && was === undefined)) return undefined;
  }
  if (field.many === 'list') return writeList({ field, before, path }, json ?? []);
  if (field.many === 'map') return writeMap({ field, before, path }, json ?? {});
  const isAbsent = json === undefined || json === null;
  if (isAbsent && (rule === 'p' || rule === 'n' || content === 'bytes')) return EMPTY;
  if (typeof content !== 'function') {
    return writeScalar(content, field.number, isAbsent ? zeroOf(content) : json, path);
  }
  return delimited(field.number, writeMessage(content(), json, oldContent(before), path));
}

function writeList({ field, before = [], path }: EditedField, json: Json): Uint8Array {
  if (!isList(json)) throw wrongType(path, l10n.t('a list'));
  const { content, number } = field;
  const olds = before.map((record) => ({ record, json: reader().element(field, record) }));
  const partners = pairElements(
    olds.map((old) => old.json),
    json,
  );
  const pieces = json.map((element, index) => {
    const partner = partners[index];
    const old = partner === undefined ? undefined : olds[partner];
    if (old && isDeepStrictEqual(old.json, element)) return old.record.whole;
    const place = { parent: path, key: index };
    if (typeof content !== 'function') return writeScalar(content, number, element, place);
    return delimited(number, writeMessage(content(), element, old?.record.content, place));
  });
  return concat(pieces);
}

function writeEntry({ content, number }: Field, key: string, json: Json, old: WireRecord | undefined, path: Path) {
  const oldValue = old && oldContent(byNumber(splitRecords(old.content)).get(2));
  const value =
    typeof content === 'function'
      ? delimited(2, writeMessage(content(), json, oldValue, path))
      : writeScalar(content, 2, json ?? zeroOf(content), path);
  return delimited(number, concat([writeScalar('string', 1, key, path), value]));
}

function writeMap({ field, before = [], path }: EditedField, json: Json): Uint8Array {
  if (!isObject(json)) throw wrongType(path, l10n.t('a mapping'));
  const entries: { readonly key: string; readonly bytes: Uint8Array }[] = [];
  const done = new Set<string>();
  for (const record of before) {
    const { key, value } = reader().entry(field, record);
    const wanted = member(json, key);
    if (wanted === undefined || done.has(key)) continue;
    done.add(key);
    const isSame = isDeepStrictEqual(value, wanted);
    entries.push({ key, bytes: isSame ? record.whole : writeEntry(field, key, wanted, record, { parent: path, key }) });
  }
  // Go writes maps in the order of their keys' bytes.
  const added = Object.keys(json)
    .filter((key) => !done.has(key))
    .toSorted(byBytes);
  const pieces: Uint8Array[] = [];
  let next = 0;
  const put = (key: string): void => {
    pieces.push(writeEntry(field, key, json[key] ?? null, undefined, { parent: path, key }));
    next++;
  };
  for (const { key, bytes } of entries) {
    for (let name = added[next]; name !== undefined && byBytes(name, key) < 0; name = added[next]) put(name);
    pieces.push(bytes);
  }
  for (let name = added[next]; name !== undefined; name = added[next]) put(name);
  return concat(pieces);
}
