/** The fields of something that came from outside (JSON, settings, a thrown value); none where it is no object. */
export function unknownFields(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
