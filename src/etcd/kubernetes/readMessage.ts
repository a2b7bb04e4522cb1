import * as l10n from '@vscode/l10n';
import { isObject, MAX_DEPTH, MAX_NODES, objectOf, type Json, type JsonObject } from './json.ts';
import { readForm } from './ownForms.ts';
import { UnreadableValue } from './problems.ts';
import { readScalar, readText, zeroOf } from './scalars.ts';
import type { Field, MessageType } from './types.ts';
import { byNumber, EMPTY, mergedContent, splitRecords, type WireRecord } from './wire.ts';

export interface MapEntry {
  readonly key: string;
  readonly value: Json;
}

function fieldOf(type: MessageType, number: number): Field {
  const field = type.fields.find((each) => each.number === number);
  if (!field) throw new RangeError(`${type.name} has no field ${number}`);
  return field;
}

/** Returns the type of the message in a form's field. */
export function messageOf(type: MessageType, number: number): MessageType {
  const { content } = fieldOf(type, number);
  if (typeof content !== 'function') throw new TypeError(`field ${number} of ${type.name} is not a message`);
  return content();
}

/** Converts stored messages to the JSON that Kubernetes writes for them. */
export class MessageReader {
  /** Number of records of fields that these types do not have, from a newer Kubernetes. */
  unknownFields = 0;
  #nodes = 0;

  /** @throws Error if the bytes are not a message of that type; UnreadableValue if they are too large */
  read(type: MessageType, bytes: Uint8Array, depth = 0): Json {
    if (depth > MAX_DEPTH) throw new UnreadableValue(l10n.t('The value has more than {0} levels.', MAX_DEPTH));
    if (type.form === undefined) return this.object(type, bytes, depth);
    this.#count();
    return readForm(type.form, bytes, {
      message: (number, content) => this.read(messageOf(type, number), content, depth + 1),
    });
  }

  /** Reads as `read` does, for a type without a form of its own. */
  object(type: MessageType, bytes: Uint8Array, depth = 0): JsonObject {
    this.#count();
    const groups = byNumber(splitRecords(bytes));
    const members: [string, Json][] = [];
    for (const field of type.fields) {
      const value = this.field(field, groups.get(field.number) ?? [], depth);
      groups.delete(field.number);
      if (value === undefined) continue;
      this.#count();
      if (field.rule === 'i' && isObject(value)) members.push(...Object.entries(value));
      else members.push([field.name, value]);
    }
    for (const records of groups.values()) this.unknownFields += records.length;
    return objectOf(members);
  }

  /** Returns what JSON shows for a field with these records; undefined if it leaves the field out. */
  field(field: Field, records: readonly WireRecord[], depth = 0): Json | undefined {
    const { content, rule } = field;
    if (field.many !== 'one') {
      if (records.length === 0) return rule === 'v' ? null : undefined;
      if (field.many === 'list') return records.map((record) => this.element(field, record, depth));
      return objectOf(records.map((record) => this.entry(field, record, depth)).map(({ key, value }) => [key, value]));
    }
    if (typeof content === 'function') {
      if (records.length === 0 && (rule === 'p' || rule === 'n')) return rule === 'n' ? null : undefined;
      const json = this.read(content(), records.length > 0 ? mergedContent(records) : EMPTY, depth + 1);
      return rule === 'z' && json === null ? undefined : json;
    }
    const last = records.at(-1);
    const value = last && readScalar(content, last);
    if (rule === 'p') return value;
    if (rule === 'n') return value ?? null;
    const zero = zeroOf(content);
    if (rule === 'o') return value === zero ? undefined : value;
    return value ?? (content === 'bytes' ? null : zero);
  }

  /** Reads an element of a list; Kubernetes packs no numbers. */
  element({ content }: Field, record: WireRecord, depth = 0): Json {
    if (typeof content === 'function') return this.read(content(), record.content, depth + 1);
    this.#count();
    return readScalar(content, record);
  }

  /** Reads an entry of a map; Go leaves out an absent value. */
  entry({ content }: Field, record: WireRecord, depth = 0): MapEntry {
    const parts = byNumber(splitRecords(record.content));
    const key = parts.get(1)?.at(-1);
    const values = parts.get(2) ?? [];
    const last = values.at(-1);
    let value: Json;
    if (typeof content === 'function') value = this.read(content(), last ? mergedContent(values) : EMPTY, depth + 1);
    else {
      this.#count();
      value = last ? readScalar(content, last) : zeroOf(content);
    }
    return { key: key ? readText(key) : '', value };
  }

  #count(): void {
    this.#nodes++;
    if (this.#nodes > MAX_NODES) throw new UnreadableValue(l10n.t('The value has more than {0} parts.', MAX_NODES));
  }
}
