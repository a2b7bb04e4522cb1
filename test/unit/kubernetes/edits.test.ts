import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { openEnvelope, withObject } from '../../../src/etcd/kubernetes/envelope.ts';
import { isList, isObject, type Json, type JsonObject } from '../../../src/etcd/kubernetes/json.ts';
import { messageTypeOf } from '../../../src/etcd/kubernetes/kinds.ts';
import { readStoredObject, writeObject } from '../../../src/etcd/kubernetes/storedObject.ts';
import { Random } from '../listing/random.ts';
import { gate } from './stored.ts';
import { goldenFiles } from './goldenFiles.ts';
import { withUnknownFields } from './injected.ts';

interface Sample {
  readonly name: string;
  readonly value: Uint8Array;
  readonly injected: number;
}

/** Finds places of a kind within an object; returns for each a function that replaces what is there. */
function placesOf(json: Json, fits: (part: Json) => boolean): ((change: (part: Json) => Json) => Json)[] {
  const here = fits(json) ? [(change: (part: Json) => Json) => change(json)] : [];
  if (isList(json)) {
    const below = json.flatMap((item, index) =>
      placesOf(item, fits).map((put) => (change: (part: Json) => Json) => json.with(index, put(change))),
    );
    return [...here, ...below];
  }
  if (!isObject(json)) return here;
  const below = Object.entries(json).flatMap(([name, item]) =>
    placesOf(item, fits).map((put) => (change: (part: Json) => Json): Json => ({ ...json, [name]: put(change) })),
  );
  return [...here, ...below];
}

function inFields(json: JsonObject, fits: (part: Json) => boolean) {
  const { apiVersion, kind, ...fields } = json;
  return placesOf(fields, fits).map((put) => (change: (part: Json) => Json): Json => ({
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    ...(put(change) as JsonObject),
  }));
}

/** Returns the bytes from the first to the last difference of two values of one length. */
function changedBytes(a: Uint8Array, b: Uint8Array): number {
  const first = a.findIndex((byte, index) => byte !== b[index]);
  return first < 0 ? 0 : a.findLastIndex((byte, index) => byte !== b[index]) - first + 1;
}

const isPlainText = (part: Json) => typeof part === 'string' && /^[a-z]\w*Value$/.test(part);
const textOf = (part: Json) => (typeof part === 'string' ? part : '');
const reversed = (part: Json) => Array.from(textOf(part)).toReversed().join('');

describe('edits of objects with fields that only a newer Kubernetes knows', () => {
  const samples: Sample[] = [];
  const random = new Random(17);
  before(async function () {
    const files = await goldenFiles('HEAD').catch(() => this.skip());
    for (const { name, protobuf } of files) {
      const { apiVersion, kind, object } = openEnvelope(protobuf);
      const type = messageTypeOf(apiVersion, kind);
      if (!type) continue;
      let injected = 0;
      const bytes = withUnknownFields(type, object, random, () => injected++);
      samples.push({ name, value: withObject(protobuf, bytes), injected });
    }
  });

  it('an unchanged object keeps every byte, through its YAML too', () => {
    assert.ok(samples.length > 160);
    for (const { name, value, injected } of samples) {
      assert.equal(readStoredObject(value).unknownFields, injected, name);
      assert.equal(gate(value), undefined, name);
    }
  });

  it('a changed text changes its own bytes and no others', () => {
    let edits = 0;
    for (const { name, value } of samples) {
      const { json } = readStoredObject(value);
      const places = inFields(json, isPlainText);
      for (let count = 0; count < 8 && places.length > 0; count++) {
        const put = places[random.below(places.length)];
        let length = 0;
        const edited = put?.((part) => {
          length = textOf(part).length;
          return reversed(part);
        });
        if (edited === undefined) continue;
        const written = writeObject(edited, value);
        assert.equal(written.length, value.length, name);
        const changed = changedBytes(written, value);
        assert.ok(changed > 0 && changed <= length, `${name}: ${changed} bytes`);
        assert.deepEqual(readStoredObject(written).json, edited, name);
        edits++;
      }
    }
    assert.ok(edits > 1000, `${edits} edits`);
  });

  it('an added label adds one record', () => {
    for (const { name, value } of samples) {
      const { json, unknownFields } = readStoredObject(value);
      const metadata = json['metadata'];
      if (!isObject(metadata) || !isObject(metadata['labels'])) continue;
      const edited = { ...json, metadata: { ...metadata, labels: { ...metadata['labels'], added: 'x' } } };
      const written = writeObject(edited, value);
      // The record has 12 bytes, and up to three lengths around it may grow by one byte.
      assert.ok(written.length - value.length >= 12 && written.length - value.length <= 15, name);
      assert.deepEqual(readStoredObject(written), { ...readStoredObject(value), json: edited, unknownFields }, name);
    }
  });

  it('a list that is doubled and halved again is as it was, with its unknown fields', () => {
    let edits = 0;
    for (const { name, value } of samples) {
      const { json, unknownFields } = readStoredObject(value);
      const copies = inFields(json, (part) => isList(part) && part.length > 0 && part.every(isObject));
      const put = copies[random.below(Math.max(copies.length, 1))];
      if (!put) continue;
      const twice = put((part) => [...(part as Json[]), ...(part as Json[])]);
      const more = writeObject(twice, value);
      assert.deepEqual(readStoredObject(more).json, twice, name);
      // The first of two equal elements is the old one; the second is new and has nothing unknown.
      assert.equal(readStoredObject(more).unknownFields, unknownFields, name);
      assert.deepEqual(writeObject(json, more), value, name);
      edits++;
    }
    assert.ok(edits > 100, `${edits} edits`);
  });

  it('a removed member is gone, and all else keeps its place', () => {
    let edits = 0;
    for (const { name, value } of samples) {
      const { json } = readStoredObject(value);
      const objects = inFields(
        json,
        (part) => isObject(part) && Object.keys(part).length > 1 && Object.values(part).some(isPlainText),
      );
      for (let count = 0; count < 5 && objects.length > 0; count++) {
        const put = objects[random.below(objects.length)];
        let gone = '';
        const edited = put?.((part) => {
          const names = Object.entries(part as JsonObject).filter(([, member]) => isPlainText(member));
          gone = names[random.below(names.length)]?.[0] ?? '';
          return Object.fromEntries(Object.entries(part as JsonObject).filter(([member]) => member !== gone));
        });
        if (edited === undefined) continue;
        const read = readStoredObject(writeObject(edited, value));
        // A field that is never left out shows its zero then.
        const zeros = ['', 0, null].map((zero) => put?.((part) => ({ ...(part as JsonObject), [gone]: zero })) ?? null);
        const shown = [edited, ...zeros].filter((each) => isDeepStrictEqual(each, read.json));
        assert.ok(shown.length > 0, `${name} ${gone}`);
        assert.equal(read.unknownFields, readStoredObject(value).unknownFields, name);
        edits++;
      }
    }
    assert.ok(edits > 500, `${edits} edits`);
  });
});
