import assert from 'node:assert/strict';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { openEnvelope } from '../../../src/etcd/kubernetes/envelope.ts';
import { isObject, type Json, type JsonObject } from '../../../src/etcd/kubernetes/json.ts';
import { messageTypeOf } from '../../../src/etcd/kubernetes/kinds.ts';
import { readStoredObject, writeObject } from '../../../src/etcd/kubernetes/storedObject.ts';
import { keysOf, InvalidObject } from '../../../src/etcd/kubernetes/problems.ts';
import { concat, delimited, EMPTY } from '../../../src/etcd/kubernetes/wire.ts';
import { writeMessage } from '../../../src/etcd/kubernetes/writeMessage.ts';
import { gate, stored } from './stored.ts';

function shown(apiVersion: string, kind: string, object: Uint8Array): JsonObject {
  const value = stored(apiVersion, kind, object);
  assert.equal(gate(value), undefined);
  return readStoredObject(value).json;
}

/** Returns the bytes that Go writes for the fields, in hexadecimal. */
function fresh(apiVersion: string, kind: string, fields: JsonObject): string {
  const type = messageTypeOf(apiVersion, kind);
  assert.ok(type);
  return Buffer.from(writeMessage(type, fields)).toString('hex');
}

function number(field: number, value: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.Varint).int32(value).finish();
}

function text(field: number, value: string): Uint8Array {
  return delimited(field, Buffer.from(value));
}

function at(json: Json | undefined, ...names: readonly (string | number)[]): Json | undefined {
  return names.reduce<Json | undefined>((part, name) => {
    if (Array.isArray(part)) return (part as readonly Json[])[Number(name)];
    return isObject(part) ? part[name] : undefined;
  }, json);
}

const lease = (spec: Uint8Array) => shown('coordination.k8s.io/v1', 'Lease', delimited(2, spec));
const meta = (content: Uint8Array) => shown('v1', 'ConfigMap', delimited(1, content));

describe('zero values, pointers, empty messages and times', () => {
  it('shows a zero behind a pointer, and no absent one', () => {
    assert.equal(at(shown('apps/v1', 'Deployment', delimited(2, number(1, 0))), 'spec', 'replicas'), 0);
    assert.equal(at(shown('apps/v1', 'Deployment', EMPTY), 'spec', 'replicas'), undefined);
  });

  it('shows null for what is absent and never left out, and empty objects for structs', () => {
    const deployment = shown('apps/v1', 'Deployment', EMPTY);
    assert.equal(at(deployment, 'spec', 'selector'), null);
    assert.deepEqual(at(deployment, 'status'), {});
    assert.deepEqual(at(deployment, 'spec', 'strategy'), {});
    assert.deepEqual(at(shown('v1', 'Pod', delimited(2, delimited(2, EMPTY))), 'spec', 'containers'), [
      { name: '', resources: {} },
    ]);
    assert.equal(at(shown('v1', 'Pod', EMPTY), 'spec', 'containers'), null);
  });

  it("writes Go's zeros in a new object: scalars and structs always, pointers, lists and maps never", () => {
    const metadata = '0a100a0012001a0022002a00320038004200';
    assert.equal(fresh('v1', 'Namespace', {}), `${metadata}12001a020a00`);
    assert.equal(fresh('v1', 'Namespace', { spec: { finalizers: [] }, status: null }), `${metadata}12001a020a00`);
    // The selector is a pointer, the port an embedded form with all its parts.
    const port = { port: 0, protocol: '', targetPort: null };
    assert.match(
      fresh('v1', 'Service', { spec: { ports: [port] } }),
      /^0a10.{32}12\w\w0a\w\w0a00120018002206080010001a002800/,
    );
  });

  it('leaves a zero time out, and shows an empty one as null', () => {
    assert.equal(at(meta(delimited(8, EMPTY)), 'metadata', 'creationTimestamp'), undefined);
    assert.equal(at(meta(delimited(9, EMPTY)), 'metadata', 'deletionTimestamp'), null);
    const epoch = delimited(8, concat([number(1, 0), number(2, 0)]));
    assert.equal(at(meta(epoch), 'metadata', 'creationTimestamp'), '1970-01-01T00:00:00Z');
  });

  it('shows microseconds, and keeps the nanoseconds that it does not show', () => {
    const renewed = delimited(4, concat([number(1, 1_700_000_000), number(2, 123_456_789)]));
    assert.equal(at(lease(renewed), 'spec', 'renewTime'), '2023-11-14T22:13:20.123456Z');
    const value = stored('coordination.k8s.io/v1', 'Lease', delimited(2, concat([text(1, 'a'), renewed])));
    const { json } = readStoredObject(value);
    const written = writeObject({ ...json, spec: { ...(json['spec'] as JsonObject), holderIdentity: 'b' } }, value);
    assert.deepEqual(written, stored('coordination.k8s.io/v1', 'Lease', delimited(2, concat([text(1, 'b'), renewed]))));
  });

  it('shows numbers and texts of IntOrString, negative ones too', () => {
    const port = (content: Uint8Array) =>
      at(shown('v1', 'Service', delimited(2, delimited(1, delimited(4, content)))), 'spec', 'ports', 0, 'targetPort');
    assert.equal(port(EMPTY), 0);
    assert.equal(port(concat([number(1, 0), number(2, -1), text(3, '')])), -1);
    assert.equal(port(concat([number(1, 1), number(2, 0), text(3, 'http')])), 'http');
  });

  it('keeps texts that JavaScript changes: byte order marks, names of prototypes, broken UTF-8', () => {
    const entry = (key: string, value: Uint8Array) => delimited(2, concat([text(1, key), delimited(2, value)]));
    const broken = Uint8Array.of(0x61, 0xff);
    const object = concat([
      entry('__proto__', Buffer.from('\ufefftext')),
      entry('constructor', EMPTY),
      entry('10', broken),
      entry('9a', Buffer.from('x')),
    ]);
    const value = stored('v1', 'ConfigMap', object);
    assert.equal(gate(value), undefined);
    const { json } = readStoredObject(value);
    const data = json['data'] as JsonObject;
    assert.deepEqual(Object.keys(data).toSorted(), ['10', '9a', '__proto__', 'constructor']);
    assert.equal(Object.getOwnPropertyDescriptor(data, '__proto__')?.value, '\ufefftext');
    const edited = Object.fromEntries(Object.entries(data).map(([key, each]) => [key, key === '9a' ? 'y' : each]));
    const expected = Uint8Array.from(value);
    expected[expected.lastIndexOf(0x78)] = 0x79;
    assert.deepEqual(writeObject({ ...json, data: edited }, value), expected);
  });

  it('keeps lengths and numbers that take more bytes than they need', () => {
    const long = Uint8Array.of(0x08, 0x83, 0x80, 0x00);
    const value = stored('apps/v1', 'Deployment', concat([Uint8Array.of(0x12, 0x84, 0x00), long]));
    assert.equal(at(readStoredObject(value).json, 'spec', 'replicas'), 3);
    assert.equal(gate(value), undefined);
  });

  it('keeps whole numbers of 64 bits exact', () => {
    const large = 9_007_199_254_740_993n;
    const generation = new BinaryWriter().tag(7, WireType.Varint).int64(large).finish();
    const value = stored('v1', 'ConfigMap', delimited(1, generation));
    assert.equal(gate(value), undefined);
    const { json } = readStoredObject(value);
    assert.equal(at(json, 'metadata', 'generation'), large);
    const changed = writeObject({ ...json, metadata: { generation: large + 1n } }, value);
    assert.equal(at(readStoredObject(changed).json, 'metadata', 'generation'), large + 1n);
  });

  it('keeps the spaces, escapes and order of JSON within an object until it changes', () => {
    const raw = '{ "b": "\\u0041", "a": [1.50, 12345678901234567890] }';
    const value = stored('apps/v1', 'ControllerRevision', concat([delimited(2, text(1, raw)), number(3, 1)]));
    assert.equal(gate(value), undefined);
    const { json } = readStoredObject(value);
    const more = writeObject({ ...json, revision: 2 }, value);
    assert.ok(Buffer.from(more).includes(raw));
    const edited = writeObject({ ...json, data: { ...(json['data'] as JsonObject), c: '<&>' } }, value);
    assert.ok(Buffer.from(edited).includes('{"a":[1.5,12345678901234567890],"b":"A","c":"\\u003c\\u0026\\u003e"}'));
  });

  it('puts a new map entry where its key sorts, and a new field where its number belongs', () => {
    const entry = (key: string) => delimited(2, concat([text(1, key), text(2, '1')]));
    const before = stored('v1', 'ConfigMap', concat([entry('a'), entry('c')]));
    const after = stored('v1', 'ConfigMap', concat([entry('a'), entry('b'), entry('c')]));
    const { json } = readStoredObject(before);
    assert.deepEqual(writeObject({ ...json, data: { c: '1', b: '1', a: '1' } }, before), after);
    const immutable = writeObject({ ...json, immutable: false }, before);
    assert.deepEqual(openEnvelope(immutable).object.subarray(-2), Uint8Array.of(0x20, 0));
  });

  it('refuses unknown names, wrong types and another kind, and tells the place', () => {
    const value = stored('apps/v1', 'Deployment', delimited(2, number(1, 2)));
    const { json } = readStoredObject(value);
    const spec = json['spec'] as JsonObject;
    const container = (fields: JsonObject) => ({
      spec: { ...spec, template: { spec: { containers: [{ name: 'a', ...fields }] } } },
    });
    const cases: readonly (readonly [JsonObject, RegExp, readonly (string | number)[]])[] = [
      [{ spec: { ...spec, replica: 1 } }, /^spec\.replica is not a field of DeploymentSpec\.$/, ['spec', 'replica']],
      [{ spec: { ...spec, replicas: '3' } }, /^spec\.replicas must be a whole number\.$/, ['spec', 'replicas']],
      [{ spec: { ...spec, replicas: 2 ** 31 } }, /32 bits/, ['spec', 'replicas']],
      [{ spec: [] }, /^spec must be a mapping\.$/, ['spec']],
      [{ metadata: { labels: { a: 1 } } }, /^metadata\.labels\.a must be a text/, ['metadata', 'labels', 'a']],
      [
        { metadata: { creationTimestamp: '2025-02-30T00:00:00Z' } },
        /a time such as/,
        ['metadata', 'creationTimestamp'],
      ],
      [{ kind: 'Pod' }, /^kind cannot be changed/, ['kind']],
      [{ apiVersion: 'v1' }, /^apiVersion cannot be changed/, ['apiVersion']],
      [container({ tty: 'yes' }), /true or false/, ['spec', 'template', 'spec', 'containers', 0, 'tty']],
      [
        container({ resources: { limits: { cpu: '1 core' } } }),
        /a quantity such as/,
        ['spec', 'template', 'spec', 'containers', 0, 'resources', 'limits', 'cpu'],
      ],
      [
        container({ livenessProbe: { httpGet: { port: true } } }),
        /32 bits or a text/,
        ['spec', 'template', 'spec', 'containers', 0, 'livenessProbe', 'httpGet', 'port'],
      ],
    ];
    for (const [change, sentence, place] of cases)
      assert.throws(
        () => writeObject({ ...json, ...change }, value),
        (error) => {
          assert.ok(error instanceof InvalidObject, String(error));
          assert.match(error.message, sentence);
          assert.deepEqual(keysOf(error.path), place);
          return true;
        },
      );
  });
});
