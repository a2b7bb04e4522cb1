import * as l10n from '@vscode/l10n';
import { UnreadableValue } from './problems.ts';

/** JSON with 64-bit whole numbers: those beyond 2^53 are bigints. Immutable, so that parts can be shared. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** Limit of nested lists, objects and messages; deeper values are malicious. */
export const MAX_DEPTH = 100;

/** Limit of the lists, objects and scalars in one object: several times what 1.5 MB of real objects contain. */
export const MAX_NODES = 500_000;

export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** Returns an object's own member, so `constructor` is not one of every object. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Creates an object from these members; `__proto__` may be one of them. */
export function objectOf(members: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(members);
}

/** Converts digits to a whole number, exact up to 64 bits. */
export function wholeNumber(digits: string): number | bigint {
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(digits);
  return exact >= -(2n ** 63n) && exact < 2n ** 64n ? exact : number;
}

/**
 * Converts a number from its digits, which V8 passes as a third argument that TypeScript's library does not know yet.
 */
function exactNumber(_name: string, value: Json, context?: { readonly source?: string }): Json {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? wholeNumber(source) : value;
}

/**
 * Counts the parts of a value while it is read. The returned function takes the depth of the next part.
 * @throws UnreadableValue (the function) if there are more levels or parts than in any stored object
 */
export function partLimit(): (depth: number) => void {
  let parts = 0;
  return (depth) => {
    parts++;
    if (depth > MAX_DEPTH) throw new UnreadableValue(l10n.t('The value has more than {0} levels.', MAX_DEPTH));
    if (parts > MAX_NODES) throw new UnreadableValue(l10n.t('The value has more than {0} parts.', MAX_NODES));
  };
}

/**
 * Checks a parsed text against the limits of this module.
 * @param json made of null, booleans, numbers, bigints, texts, lists and objects
 * @throws UnreadableValue if it has more levels or parts than any stored object
 */
export function checkSize(json: unknown): asserts json is Json {
  const countPart = partLimit();
  const visit = (value: unknown, depth: number): void => {
    countPart(depth);
    if (typeof value !== 'object' || value === null) return;
    for (const part of Object.values(value)) visit(part, depth + 1);
  };
  visit(json, 0);
}

/**
 * Parses JSON with exact whole numbers.
 * @throws SyntaxError if it is not JSON
 * @throws UnreadableValue if it is too deep or too large
 */
export function parseJson(text: string): Json {
  const json: unknown = JSON.parse(text, exactNumber);
  checkSize(json);
  return json;
}

/** Characters that Go's encoder escapes beyond JSON's own rules, so that an HTML page can contain the JSON. */
const goEscapes = /[<>&\u2028\u2029]/g;

function goText(text: string): string {
  return JSON.stringify(text).replace(goEscapes, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Compares texts by the bytes of UTF-8, as Go sorts them. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Writes compact JSON as Go does: members sorted by the bytes of their names; `<`, `>` and `&` escaped. */
export function goJson(json: Json): string {
  if (typeof json === 'string') return goText(json);
  if (isList(json)) return `[${json.map(goJson).join(',')}]`;
  if (!isObject(json)) return String(json);
  const members = Object.entries(json).toSorted(([a], [b]) => byBytes(a, b));
  return `{${members.map(([name, value]) => `${goText(name)}:${goJson(value)}`).join(',')}}`;
}
