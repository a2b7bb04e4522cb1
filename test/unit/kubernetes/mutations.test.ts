import assert from 'node:assert/strict';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { openEnvelope } from '../../../src/etcd/kubernetes/envelope.ts';
import { storedObjectYaml, readStoredObject } from '../../../src/etcd/kubernetes/storedObject.ts';
import { UnreadableValue } from '../../../src/etcd/kubernetes/problems.ts';
import { concat, delimited } from '../../../src/etcd/kubernetes/wire.ts';
import { Random } from '../listing/random.ts';
import { goldenFiles } from './goldenFiles.ts';
import { gate, stored } from './stored.ts';

const MUTATIONS = 20_000;
/** One of this many readable mutated values is also written back, through its YAML. */
const WRITTEN = 8;

function mutated(value: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(value);
  const at = random.below(bytes.length);
  switch (random.below(5)) {
    case 0:
      return bytes.with(at, random.below(256));
    case 1:
      return bytes.with(at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
    case 2:
      return bytes.slice(0, at);
    case 3:
      return concat([bytes.subarray(0, at), random.bytes(2), bytes.subarray(at)]);
    default:
      return concat([bytes.subarray(0, at), random.bytes(5), bytes.subarray(at + 5)]);
  }
}

describe('damaged values of Kubernetes', () => {
  it(`${MUTATIONS} mutated values are read or refused with a sentence, and written back as they are`, async function () {
    const files = await goldenFiles('HEAD').catch(() => this.skip());
    const random = new Random(20_000);
    let read = 0;
    let written = 0;
    for (let each = 0; each < MUTATIONS; each++) {
      const file = files[random.below(files.length)];
      if (!file) continue;
      const value = mutated(file.protobuf, random);
      try {
        readStoredObject(value);
        read++;
        if (read % WRITTEN === 0) {
          assert.equal(gate(value), undefined, file.name);
          written++;
        }
      } catch (error) {
        // Whatever is wrong, there is a sentence for it.
        assert.ok(error instanceof UnreadableValue, `${file.name}: ${String(error)}`);
        assert.match(error.message, /^The .+\.$/);
      }
    }
    assert.ok(read > MUTATIONS / 5 && read < MUTATIONS / 2, `${read} were read`);
    assert.ok(written > 500, `${written} were written`);
  });

  const refused = (value: Uint8Array, sentence: RegExp) =>
    assert.throws(
      () => readStoredObject(value),
      (error) => error instanceof UnreadableValue && sentence.test(error.message),
    );

  it('refuses what is nested without end', () => {
    let schema: Uint8Array = new Uint8Array(0);
    // `not` of JSONSchemaProps is a schema.
    for (let level = 0; level < 2000; level++) schema = delimited(28, schema);
    const version = delimited(4, delimited(1, schema));
    const spec = delimited(2, delimited(7, concat([version])));
    refused(stored('apiextensions.k8s.io/v1', 'CustomResourceDefinition', spec), /more than 100 levels/);
    const raw = delimited(2, delimited(1, Buffer.from('['.repeat(400) + ']'.repeat(400))));
    refused(stored('apps/v1', 'ControllerRevision', raw), /more than 100 levels/);
    refused(
      stored('apps/v1', 'ControllerRevision', delimited(2, delimited(1, Buffer.from('['.repeat(1e6))))),
      /damaged/,
    );
    const groups = new BinaryWriter();
    for (let each = 0; each < 100_000; each++) groups.tag(7, WireType.StartGroup);
    refused(stored('v1', 'Pod', groups.finish()), /damaged/);
  });

  it('refuses endless lists, and lengths beyond the end', () => {
    const records = concat(Array.from({ length: 600_000 }, () => delimited(2, new Uint8Array(0))));
    refused(stored('v1', 'Pod', records), /damaged/);
    const containers = Array.from({ length: 200_000 }, () => delimited(2, new Uint8Array(0)));
    refused(stored('v1', 'Pod', delimited(2, concat(containers))), /more than 500000 parts/);
    refused(stored('v1', 'Pod', Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07)), /damaged/);
  });

  it('refuses an envelope with other content', () => {
    const value = concat([stored('v1', 'Pod', new Uint8Array(0)), delimited(4, Buffer.from('application/json'))]);
    refused(value, /content of the type application\/json/);
    assert.equal(openEnvelope(stored('v1', 'Pod', new Uint8Array(0))).kind, 'Pod');
    assert.match(
      storedObjectYaml(readStoredObject(stored('v1', 'Pod', new Uint8Array(0)))),
      /^apiVersion: v1\nkind: Pod\n/,
    );
  });
});
