import assert from 'node:assert/strict';
import { encodingOf } from '../../../src/etcd/kubernetes/encodings.ts';
import { storedObjectYaml, readStoredObject, writeYaml } from '../../../src/etcd/kubernetes/storedObject.ts';
import { UnreadableValue } from '../../../src/etcd/kubernetes/problems.ts';
import { EMPTY } from '../../../src/etcd/kubernetes/wire.ts';
import { gate, stored } from './stored.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

function refused(value: Uint8Array, sentence: RegExp): void {
  assert.throws(
    () => readStoredObject(value),
    (error) => error instanceof UnreadableValue && sentence.test(error.message),
  );
}

const crontab =
  '{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"generation":1,"name":"a"},"spec":{"big":9007199254740993,"text":"a\\u003cb"}}\n';

describe('encodings of Kubernetes', () => {
  it('are known by their first bytes', () => {
    assert.equal(encodingOf(stored('v1', 'Pod', EMPTY)), 'protobuf');
    assert.equal(encodingOf(bytes('k8s:enc:aescbc:v1:key1:\0\0')), 'encrypted');
    assert.equal(encodingOf(Uint8Array.of(0xd9, 0xd9, 0xf7, 0xa0)), 'cbor');
    assert.equal(encodingOf(bytes(crontab)), 'json');
    for (const other of ['', 'k8s', 'k8s:', '{}\n', '{"apiVersion":"v1"}', '{"a":1}\n', 'text']) {
      assert.equal(encodingOf(bytes(other)), undefined, other);
    }
  });

  it('names the provider and the key of an encrypted value', () => {
    refused(bytes('k8s:enc:aescbc:v1:key1:\0\0'), /encrypted this value \(aescbc, key key1\)\. Only the API server/);
    refused(bytes('k8s:enc:kms:v2:my.kms:\0\0'), /\(kms, key my\.kms\)/);
    refused(bytes('k8s:enc:'), /\(\?\)/);
    refused(bytes('k8s:enc:[x](command:y):v1:z:'), /\(\?/);
  });

  it('reads a kind only in exactly its group and version', () => {
    refused(stored('apps.example.org/v1', 'Deployment', EMPTY), /Deployment of apps\.example\.org\/v1 is not known/);
    refused(stored('apps/v9', 'Deployment', EMPTY), /is not known/);
    refused(stored('v1', 'Container', EMPTY), /Container of v1 is not known/);
    refused(stored('v1', 'constructor', EMPTY), /is not known/);
    for (const [apiVersion, kind] of [
      ['apiregistration.k8s.io/v1', 'APIService'],
      ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
      ['internal.apiserver.k8s.io/v1alpha1', 'StorageVersion'],
      ['autoscaling/v2beta2', 'HorizontalPodAutoscaler'],
      ['v1', 'PodList'],
      ['events.k8s.io/v1', 'Event'],
    ] as const)
      assert.equal(readStoredObject(stored(apiVersion, kind, EMPTY)).kind, kind);
  });

  it('shows custom resources as YAML, and writes them as Go does', () => {
    const value = bytes(crontab);
    const yaml = storedObjectYaml(readStoredObject(value));
    assert.equal(
      yaml,
      'apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata:\n  generation: 1\n  name: a\nspec:\n  big: 9007199254740993\n  text: a<b\n',
    );
    assert.equal(gate(value), undefined);
    assert.equal(writeYaml(yaml, value), value);
    const edited = writeYaml(yaml.replace('name: a', 'name: b'), value);
    assert.equal(Buffer.from(edited).toString(), crontab.replace('"name":"a"', '"name":"b"'));
  });

  it('lets nobody edit JSON that Go would write otherwise', () => {
    for (const other of [
      crontab.replace('"generation":1', '"generation":1.0'),
      crontab.replace('\\u003c', '<'),
      crontab.replace('{"gen', '{ "gen'),
      crontab.replace('"big":', '"a":0.1000,"big":'),
    ])
      assert.match(gate(bytes(other)) ?? '', /would not have the same bytes/);
  });

  it('takes other JSON for what it is', () => {
    refused(bytes('{"apiVersion":"v1","kind":"X"}\n'), /without a kind and metadata/);
    refused(bytes('{"apiVersion":"v1",\n'), /damaged/);
  });
});
