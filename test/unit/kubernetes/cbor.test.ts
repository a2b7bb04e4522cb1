import assert from 'node:assert/strict';
import { readCbor } from '../../../src/etcd/kubernetes/cbor.ts';
import { isList, isObject, parseJson, type Json } from '../../../src/etcd/kubernetes/json.ts';
import {
  storedObjectYaml,
  yamlIfReadable,
  readStoredObject,
  writeObject,
} from '../../../src/etcd/kubernetes/storedObject.ts';
import { UnreadableValue } from '../../../src/etcd/kubernetes/problems.ts';
import { Random } from '../listing/random.ts';
import { goldenFiles } from './goldenFiles.ts';
import { gate } from './stored.ts';

const MUTATIONS = 20_000;
const MARK = Buffer.from('d9d9f7', 'hex');
const hex = (text: string) => Buffer.from(text, 'hex');

function head(major: number, argument: number | bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8((major << 5) | 27);
  bytes.writeBigUInt64BE(BigInt(argument), 1);
  return argument < 24 ? Buffer.of((major << 5) | Number(argument)) : bytes;
}

/** Writes CBOR with texts as byte strings, as Kubernetes does. */
function asCbor(json: Json): Buffer {
  if (json === null) return hex('f6');
  if (typeof json === 'boolean') return hex(json ? 'f5' : 'f4');
  if (typeof json === 'string') return Buffer.concat([head(2, Buffer.byteLength(json)), Buffer.from(json)]);
  if (typeof json === 'bigint' || Number.isInteger(json)) {
    const number = BigInt(json as number);
    return number < 0n ? head(1, -1n - number) : head(0, number);
  }
  if (typeof json === 'number') {
    const bytes = Buffer.alloc(9, 0xfb);
    bytes.writeDoubleBE(json, 1);
    return bytes;
  }
  if (isList(json)) return Buffer.concat([head(4, json.length), ...json.map(asCbor)]);
  assert.ok(isObject(json));
  const members = Object.entries(json);
  return Buffer.concat([head(5, members.length), ...members.flat().map(asCbor)]);
}

const stored = (json: Json) => Buffer.concat([MARK, asCbor(json)]);
const custom = { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'a' }, big: 9007199254740993n, half: 0.5 };

function refused(value: Uint8Array, sentence: RegExp): void {
  assert.throws(
    () => readStoredObject(value),
    (error) => error instanceof UnreadableValue && sentence.test(error.message),
  );
}

describe('CBOR of Kubernetes', () => {
  it('is the JSON that RFC 8949 says it is', () => {
    const examples: readonly [string, Json][] = [
      ['d9d9f7a14464617461a141614162', { data: { a: 'b' } }],
      ...(
        [
          ['00', 0],
          ['17', 23],
          ['1818', 24],
          ['1903e8', 1000],
          ['1a000f4240', 1_000_000],
          ['1b000000e8d4a51000', 1_000_000_000_000],
          ['1bffffffffffffffff', 18446744073709551615n],
          ['3bffffffffffffffff', -18446744073709551616n],
          ['3903e7', -1000],
          ['f93c00', 1],
          ['f97bff', 65504],
          ['f90001', 5.960464477539063e-8],
          ['f9c400', -4],
          ['fa47c35000', 100_000],
          ['fb3ff199999999999a', 1.1],
          ['f4', false],
          ['f6', null],
          ['60', ''],
          ['62c3bc', 'ü'],
          ['43efbbbf', '\ufeff'],
          ['d64401020304', 'AQIDBA=='],
          ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
          ['8301820203820405', [1, [2, 3], [4, 5]]],
        ] as const
      ).map(([text, json]): [string, Json] => [text, json]),
    ];
    for (const [text, json] of examples) assert.deepEqual(readCbor(hex(text)), json, text);
  });

  it('is refused where Kubernetes writes none like it', () => {
    const others = ['f97e00', 'f97c00', 'f7', 'f0', '9f00ff', '5f4100ff', 'd74401020304', 'c249010000000000000000'];
    const broken = ['', '18', '61', '8201', 'a141', 'a2416100416101', 'a10001', '0000', '1c', 'd661'];
    const huge = ['9bffffffffffffffff', '5affffffff00', 'bb7fffffffffffffff', '9a00ffffff00'];
    for (const text of [...others, ...broken, ...huge]) assert.throws(() => readCbor(hex(text)), Error, text);
  });

  it('is shown as YAML, and cannot be edited', () => {
    const value = stored(custom);
    const yaml = 'apiVersion: example.com/v1\nbig: 9007199254740993\nhalf: 0.5\nkind: X\nmetadata:\n  name: a\n';
    assert.equal(yamlIfReadable(value), yaml);
    assert.equal(readStoredObject(value).encoding, 'cbor');
    assert.match(gate(value) ?? '', /only read/);
    assert.equal(writeObject(readStoredObject(value).json, value), value);
    assert.throws(() => writeObject({ ...custom, half: 1 }, value), /only read/);
    refused(stored({ kind: 'X' }), /CBOR without a kind/);
  });

  it('shows the golden objects as kubectl does', async function () {
    const files = await goldenFiles('HEAD').catch(() => this.skip());
    let objects = 0;
    for (const { name, json, yaml } of files) {
      const object = parseJson(json);
      if (!isObject(object) || object['metadata'] === undefined) continue;
      assert.equal(storedObjectYaml(readStoredObject(stored(object))), yaml, name);
      objects++;
    }
    assert.ok(objects > 100, `${objects} objects`);
  });

  it('is bounded in levels and parts', () => {
    const nested = (opening: string) => Buffer.concat([MARK, Buffer.alloc(1_000_000, hex(opening))]);
    for (const opening of ['81', 'c0', 'a14161']) refused(nested(opening), /more than 100 levels/);
    const many = Buffer.concat([MARK, hex('9a000f4240'), Buffer.alloc(1_000_000)]);
    refused(many, /more than 500000 parts/);
  });

  it(`${MUTATIONS} mutated values are read or refused with a sentence`, () => {
    const random = new Random(55_799);
    const value = stored({ ...custom, list: [1, null, true, { deep: ['x'.repeat(300)] }] });
    let read = 0;
    for (let each = 0; each < MUTATIONS; each++) {
      const at = MARK.length + random.below(value.length - MARK.length);
      const mutated = Buffer.concat([value.subarray(0, at), random.bytes(1 + random.below(3)), value.subarray(at + 1)]);
      try {
        storedObjectYaml(readStoredObject(mutated));
        read++;
      } catch (error) {
        assert.ok(error instanceof UnreadableValue, String(error));
      }
    }
    assert.ok(read > MUTATIONS / 20, `${read} were read`);
  });
});
