import { unknownFields } from '../../../etcd/unknownFields.ts';

/** Limit of a value that is examined for a summary, in characters. */
const MAX_EXAMINED = 100_000;

/** Returns the properties of a JSON object; none if the value is not one, or is too long to examine for a tooltip. */
export function properties(value: string): Readonly<Record<string, unknown>> {
  if (value.length > MAX_EXAMINED || !value.trimStart().startsWith('{')) return {};
  try {
    return unknownFields(JSON.parse(value));
  } catch {
    return {};
  }
}

/** Returns the texts and numbers among these values, as text. */
export function texts(...values: readonly unknown[]): string[] {
  return values.flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []));
}

/** Joins the texts and numbers among these values; undefined if there is none. */
export function joined(separator: string, ...values: readonly unknown[]): string | undefined {
  const all = texts(...values).filter((text) => text !== '');
  return all.length > 0 ? all.join(separator) : undefined;
}
