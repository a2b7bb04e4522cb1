import assert from 'node:assert/strict';
import { openEnvelope } from '../../../src/etcd/kubernetes/envelope.ts';
import type { JsonObject } from '../../../src/etcd/kubernetes/json.ts';
import { messageTypeOf } from '../../../src/etcd/kubernetes/kinds.ts';
import { storedObjectYaml, readStoredObject, writeObject } from '../../../src/etcd/kubernetes/storedObject.ts';
import { UnreadableValue } from '../../../src/etcd/kubernetes/problems.ts';
import { writeMessage } from '../../../src/etcd/kubernetes/writeMessage.ts';
import { gate } from './stored.ts';
import { goldenFiles, RELEASES, type GoldenFile } from './goldenFiles.ts';

/** Kinds that are only sent and never stored. */
const NOT_STORED = [
  ...['admission.k8s.io.v1.AdmissionReview', 'admission.k8s.io.v1beta1.AdmissionReview'],
  ...['apidiscovery.k8s.io.v2.APIGroupDiscovery', 'apidiscovery.k8s.io.v2beta1.APIGroupDiscovery'],
  ...['APIGroup', 'APIVersions', 'CreateOptions', 'DeleteOptions', 'GetOptions'].map((kind) => `core.v1.${kind}`),
  ...['ListOptions', 'PatchOptions', 'Status', 'UpdateOptions', 'WatchEvent'].map((kind) => `core.v1.${kind}`),
  'imagepolicy.k8s.io.v1alpha1.ImageReview',
];

/**
 * Kinds that are missing in both releases of the packages: newer than the older release, and dropped before the newest.
 */
const BETWEEN_RELEASES = new Map([
  ['v1.35.0', ['scheduling.k8s.io.v1alpha1.Workload']],
  ['v1.34.0', ['certificates.k8s.io.v1alpha1.PodCertificateRequest']],
]);

/** Dropped kinds with fields that are newer than the older release: kept, but not shown. */
const NEWER_FIELDS = new Map([
  [
    'v1.33.0',
    ['ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice'].map((kind) => `resource.k8s.io.v1alpha3.${kind}`),
  ],
]);

function parsed(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

function fieldsOf({ apiVersion: _version, kind: _kind, ...fields }: JsonObject): JsonObject {
  return fields;
}

/** Returns the object's bytes as Go writes them for this JSON, without old ones. */
function freshBytes({ protobuf }: GoldenFile, json: JsonObject): Uint8Array {
  const { apiVersion, kind } = openEnvelope(protobuf);
  const type = messageTypeOf(apiVersion, kind);
  assert.ok(type);
  return writeMessage(type, fieldsOf(json));
}

for (const release of RELEASES)
  describe(`the golden files of Kubernetes ${release}`, () => {
    const unknown = [...NOT_STORED, ...(BETWEEN_RELEASES.get(release) ?? [])];
    const partly = NEWER_FIELDS.get(release) ?? [];
    let all: GoldenFile[] = [];
    let known: GoldenFile[] = [];
    before(async function () {
      all = await goldenFiles(release).catch((error: unknown) => {
        console.log(`The golden files cannot be had here: ${error instanceof Error ? error.message : String(error)}`);
        this.skip();
      });
      known = all.filter(({ name }) => !unknown.includes(name));
    });

    it('says of every other kind that it does not know it', () => {
      const others = all.filter(({ name }) => unknown.includes(name));
      assert.deepEqual(others.map(({ name }) => name).toSorted(), unknown.toSorted());
      for (const { name, protobuf } of others) assert.throws(() => readStoredObject(protobuf), UnreadableValue, name);
      assert.ok(known.length > 160, `${known.length} kinds`);
    });

    it("reads Go's bytes as Go's JSON and prints Go's YAML", () => {
      for (const { name, protobuf, json, yaml, reread } of known) {
        if (partly.includes(name)) continue;
        const manifest = readStoredObject(protobuf);
        assert.deepEqual(manifest.json, parsed(reread?.json ?? json), name);
        assert.equal(storedObjectYaml(manifest), reread?.yaml ?? yaml, name);
        assert.equal(manifest.unknownFields > 0, reread !== undefined && !name.includes('PodCertificateRequest'), name);
      }
    });

    it('counts the fields that it does not know', () => {
      const some = known.filter(({ name }) => partly.includes(name));
      assert.equal(some.length, partly.length);
      for (const { name, protobuf } of some) assert.ok(readStoredObject(protobuf).unknownFields > 0, name);
    });

    it("writes Go's JSON as Go's bytes", () => {
      for (const file of known) {
        if (partly.includes(file.name) || file.reread) continue;
        const { object } = openEnvelope(file.protobuf);
        assert.deepEqual(freshBytes(file, parsed(file.json)), new Uint8Array(object), file.name);
      }
    });

    it('writes unchanged JSON and unchanged YAML as the same bytes', () => {
      for (const { name, protobuf } of known) {
        assert.equal(writeObject(readStoredObject(protobuf).json, protobuf), protobuf, name);
        assert.equal(gate(protobuf), undefined, name);
      }
    });
  });
