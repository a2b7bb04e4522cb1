import { encodingOf } from './encodings.ts';
import { isList, isObject, type Json } from './json.ts';
import { readStoredObject } from './storedObject.ts';
import { UnreadableValue } from './problems.ts';

/** Yields one line for each text, number and truth value, such as `spec.containers[0].image: web:1`. */
function* linesOf(json: Json, path: string): Generator<string> {
  if (isList(json)) {
    for (const [index, item] of json.entries()) yield* linesOf(item, `${path}[${index}]`);
  } else if (isObject(json)) {
    for (const [name, member] of Object.entries(json)) yield* linesOf(member, path === '' ? name : `${path}.${name}`);
  } else yield `${path}: ${String(json)}`;
}

/**
 * Returns the fields of a Kubernetes object as lines, for searches; undefined if the value is not an object or cannot
 * be read.
 */
export function fieldLines(value: Uint8Array): string | undefined {
  if (encodingOf(value) === undefined) return undefined;
  try {
    return [...linesOf(readStoredObject(value).json, '')].join('\n');
  } catch (error) {
    if (error instanceof UnreadableValue) return undefined;
    throw error;
  }
}
