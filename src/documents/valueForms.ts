import { l10n } from 'vscode';
import { BoundedMap } from '../etcd/boundedMap.ts';
import { encodingOf } from '../etcd/kubernetes/encodings.ts';
import type { Fact } from '../ui/keyTooltip.ts';
import { isText } from './addresses/textValue.ts';
import type { ValueForm } from './addresses/keyUri.ts';

/** Facts from a Kubernetes object. */
export interface ObjectFacts {
  readonly apiVersion: string;
  readonly kind: string;
  readonly encoding: string;
  /** Number of fields that only a newer Kubernetes knows, and that are not shown. */
  readonly unknownFields: number;
}

/** A value as a Kubernetes object, or a sentence that says why it is not shown as one. */
export type Shown =
  | { readonly yaml: string; readonly facts: ObjectFacts }
  | { readonly problem: string; readonly yaml?: undefined; readonly facts?: undefined };

/**
 * Limit of the values that are kept, because one is converted several times in a row: for its form, its content and its
 * size.
 */
const KEPT = { entries: 20 };

/** Limit of a name in a tooltip, above that of Kubernetes' own kinds and API versions. */
const MAX_NAME_LENGTH = 100;

const kept = new BoundedMap<Uint8Array, Promise<Shown>>(KEPT);

async function show(value: Uint8Array): Promise<Shown> {
  // Loaded when the first such value is shown.
  const { storedObjectYaml, readStoredObject, UnreadableValue } = await import('../etcd/kubernetes/storedObject.ts');
  try {
    const object = readStoredObject(value);
    const { apiVersion, kind, encoding, unknownFields } = object;
    return { yaml: storedObjectYaml(object), facts: { apiVersion, kind, encoding, unknownFields } };
  } catch (error) {
    if (error instanceof UnreadableValue) return { problem: error.message };
    throw error;
  }
}

/** Returns the value as a Kubernetes object; undefined if it does not look like one. */
export async function shownObject(value: Uint8Array): Promise<Shown | undefined> {
  if (encodingOf(value) === undefined) return undefined;
  const shown = kept.get(value) ?? show(value);
  kept.set(value, shown);
  return await shown;
}

/** Describes an object in a tooltip. */
export function objectLines({ apiVersion, kind, encoding }: Omit<ObjectFacts, 'unknownFields'>): Fact[] {
  return [
    [l10n.t('Kind'), kind.slice(0, MAX_NAME_LENGTH)],
    [l10n.t('API version'), apiVersion.slice(0, MAX_NAME_LENGTH)],
    [l10n.t('Encoding'), encoding],
  ];
}

async function isObject(value: Uint8Array): Promise<boolean> {
  return (await shownObject(value))?.yaml !== undefined;
}

/**
 * Chooses a form in which values can be compared: YAML if all are Kubernetes objects, text if all are text, else hex
 * dumps.
 * @param values undefined if there is no key
 */
export async function formOf(...values: readonly (Uint8Array | undefined)[]): Promise<ValueForm> {
  const present = values.filter((value) => value !== undefined);
  const objects = await Promise.all(present.map(isObject));
  if (present.length > 0 && objects.every(Boolean)) return 'yaml';
  return present.every(isText) ? 'text' : 'hex';
}

/**
 * Returns the content of a document that shows a value in a form. A hex dump of an object begins with the reason why it
 * is not YAML.
 */
export async function contentIn(form: ValueForm, value: Uint8Array): Promise<Uint8Array> {
  if (form === 'text') return value;
  const shown = await shownObject(value);
  if (form === 'yaml' && shown?.yaml !== undefined) return Buffer.from(shown.yaml);
  // Loaded when the first such value is shown.
  const { hexDump } = await import('./readOnly/hexDump.ts');
  const dump = hexDump(value);
  if (!shown || shown.yaml !== undefined) return dump;
  return Buffer.concat([Buffer.from(`# ${l10n.t('Shown as bytes: {0}', shown.problem)}\n`), dump]);
}
