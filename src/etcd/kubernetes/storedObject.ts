import * as l10n from '@vscode/l10n';
import { isDeepStrictEqual } from 'node:util';
import { readCbor } from './cbor.ts';
import { encodingOf, type Encoding } from './encodings.ts';
import { openEnvelope, withObject } from './envelope.ts';
import { goJson, isObject, member, objectOf, parseJson, type Json, type JsonObject } from './json.ts';
import { messageTypeOf } from './kinds.ts';
import { InvalidObject, UnreadableValue, wrongType } from './problems.ts';
import { MessageReader } from './readMessage.ts';
import type { MessageType } from './types.ts';
import { sameBytes } from './wire.ts';
import { writeMessage } from './writeMessage.ts';
import { fromYaml, toYaml } from './yaml.ts';

/** An object as Kubernetes has stored it. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly encoding: Exclude<Encoding, 'encrypted'>;
  readonly json: JsonObject;
  /** Number of stored fields that are not shown, because only a newer Kubernetes knows them. */
  readonly unknownFields: number;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Prepares a name from a value for a sentence. */
function shownName(name: string): string {
  return /^[\w./-]{1,100}$/.test(name) ? name : '?';
}

function typeOf(apiVersion: string, kind: string): MessageType {
  const type = messageTypeOf(apiVersion, kind);
  if (type) return type;
  throw new UnreadableValue(l10n.t('The kind {0} of {1} is not known here.', shownName(kind), shownName(apiVersion)));
}

/**
 * Describes an encrypted value by its public prefix: `k8s:enc:provider:version:key name:`; a provider may have only its
 * own part.
 */
function encryptedSentence(value: Uint8Array): string {
  const [, , provider = '', version = '', keyName = ''] = Buffer.from(value.subarray(0, 300))
    .toString('latin1')
    .split(':');
  const sentence = /^v\d+$/.test(version)
    ? l10n.t('The API server has encrypted this value ({0}, key {1}).', shownName(provider), shownName(keyName))
    : l10n.t('The API server has encrypted this value ({0}).', shownName(provider));
  return l10n.t('{0} Only the API server can read it.', sentence);
}

function readProtobuf(value: Uint8Array): StoredObject {
  const { apiVersion, kind, object } = openEnvelope(value);
  const reader = new MessageReader();
  const json = objectOf([
    ['apiVersion', apiVersion],
    ['kind', kind],
    ...Object.entries(reader.object(typeOf(apiVersion, kind), object)),
  ]);
  return { apiVersion, kind, encoding: 'protobuf', json, unknownFields: reader.unknownFields };
}

/** Returns the names that identify an object of Kubernetes; undefined if the JSON is not one. */
function identityOf(json: Json): Pick<StoredObject, 'apiVersion' | 'kind'> | undefined {
  if (!isObject(json) || !isObject(member(json, 'metadata'))) return undefined;
  const [apiVersion, kind] = [member(json, 'apiVersion'), member(json, 'kind')];
  return typeof apiVersion === 'string' && typeof kind === 'string' ? { apiVersion, kind } : undefined;
}

/** Takes the content of a custom resource for an object. */
function customResource(json: Json, encoding: 'json' | 'cbor'): StoredObject {
  const identity = identityOf(json);
  if (!identity || !isObject(json)) {
    const sentence = l10n.t('The value is {0} without a kind and metadata of Kubernetes.', encoding.toUpperCase());
    throw new UnreadableValue(sentence);
  }
  return { ...identity, encoding, json, unknownFields: 0 };
}

/** Converts every failure to read a value into an UnreadableValue with a sentence. */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableValue || error instanceof InvalidObject) throw error;
    throw new UnreadableValue(l10n.t('The value is damaged, or newer than what is known here.'), { cause: error });
  }
}

/**
 * Reads a value whose encoding `encodingOf` has recognized.
 * @throws UnreadableValue with a sentence, if it is encrypted, damaged, too large or of an unknown kind
 */
export function readStoredObject(value: Uint8Array): StoredObject {
  return readable(() => {
    switch (encodingOf(value)) {
      case 'protobuf':
        return readProtobuf(value);
      case 'json':
        return customResource(parseJson(strictUtf8.decode(value)), 'json');
      case 'encrypted':
        throw new UnreadableValue(encryptedSentence(value));
      case 'cbor':
        return customResource(readCbor(value), 'cbor');
      case undefined:
        throw new UnreadableValue(l10n.t('The value is not one of Kubernetes.'));
    }
  });
}

/** Writes the object as `kubectl get -o yaml` prints it. */
export function storedObjectYaml({ json }: StoredObject): string {
  return toYaml(json);
}

/** Returns a Kubernetes value as YAML; undefined if it cannot be read. */
export function yamlIfReadable(value: Uint8Array): string | undefined {
  try {
    return storedObjectYaml(readStoredObject(value));
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}

function onlyRead(): string {
  return l10n.t('CBOR is only read here, not written.');
}

function refuseOtherKind(json: JsonObject, stored: Pick<StoredObject, 'apiVersion' | 'kind'>): void {
  for (const name of ['apiVersion', 'kind'] as const) {
    if (member(json, name) === stored[name]) continue;
    const sentence = l10n.t('{0} cannot be changed: it must stay {1}.', name, shownName(stored[name]));
    throw new InvalidObject(sentence, { parent: undefined, key: name });
  }
}

/**
 * Writes an edited object. Whatever is unchanged in JSON keeps its bytes, and an unchanged object yields the old value
 * itself.
 * @param old the stored value that was edited
 * @throws InvalidObject with the place, if it is not an object of this kind
 * @throws UnreadableValue if `old` cannot be read
 */
export function writeObject(json: Json, old: Uint8Array): Uint8Array {
  if (!isObject(json)) throw wrongType(undefined, l10n.t('a mapping'));
  return readable(() => {
    if (encodingOf(old) !== 'protobuf') {
      const stored = readStoredObject(old);
      refuseOtherKind(json, stored);
      if (isDeepStrictEqual(json, stored.json)) return old;
      if (stored.encoding === 'cbor') throw new UnreadableValue(onlyRead());
      return Buffer.from(`${goJson(json)}\n`);
    }
    const { apiVersion, kind, object } = openEnvelope(old);
    refuseOtherKind(json, { apiVersion, kind });
    const { apiVersion: _, kind: __, ...fields } = json;
    const bytes = writeMessage(typeOf(apiVersion, kind), fields, object);
    return sameBytes(bytes, object) ? old : withObject(old, bytes);
  });
}

/** Writes an edited object from YAML; see `writeObject`. */
export function writeYaml(text: string, old: Uint8Array): Uint8Array {
  return writeObject(fromYaml(text), old);
}

/**
 * Explains why a readable value must not be edited; undefined if it may be edited, because writing its unchanged YAML
 * yields the same bytes.
 * @param yaml its YAML
 */
export function whyReadOnly({ encoding, json }: StoredObject, yaml: string, value: Uint8Array): string | undefined {
  if (encoding === 'cbor') return onlyRead();
  try {
    // A changed custom resource is written completely, as Go does.
    const isGo = encoding !== 'json' || sameBytes(Buffer.from(`${goJson(json)}\n`), value);
    if (isGo && sameBytes(writeYaml(yaml, value), value)) return undefined;
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
  }
  return l10n.t('Written back unchanged, it would not have the same bytes.');
}

export { placeOf } from './places.ts';
export { InvalidObject, UnreadableValue } from './problems.ts';
