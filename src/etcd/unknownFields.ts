/** Returns the fields of a value from outside (JSON, settings, a thrown value); none if it is not an object. */
export function unknownFields(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
