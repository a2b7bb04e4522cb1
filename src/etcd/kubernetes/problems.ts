import * as l10n from '@vscode/l10n';

/** Thrown for a stored value that cannot be shown as an object; the message is a sentence that says why. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue';
}

/** A place in an object: the names and list indexes that lead to it, from the innermost outward. */
export interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

/** Thrown for an object's text that cannot be stored; the message is a sentence that names the place. */
export class InvalidObject extends Error {
  override readonly name = 'InvalidObject';
  readonly path: Path | undefined;
  /** Place in the text in UTF-16 units, if `path` is unknown. */
  readonly offset: number | undefined;

  constructor(message: string, path: Path | undefined, offset?: number) {
    super(message);
    this.path = path;
    this.offset = offset;
  }
}

/** Returns the keys of a path, from the outermost to the innermost. */
export function keysOf(path: Path | undefined): readonly (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at = path; at; at = at.parent) keys.unshift(at.key);
  return keys;
}

/** Formats a path as in `spec.containers[0].image`. */
function pathText(path: Path | undefined): string {
  const keys = keysOf(path).map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
  return keys.length === 0 ? l10n.t('the object') : keys.join('').replace(/^\./, '');
}

/** @param expected what the place must contain, as in "a whole number" */
export function wrongType(path: Path | undefined, expected: string): InvalidObject {
  return new InvalidObject(l10n.t('{0} must be {1}.', pathText(path), expected), path);
}

export function unknownField(parent: Path | undefined, key: string, message: string): InvalidObject {
  const path = { parent, key };
  return new InvalidObject(l10n.t('{0} is not a field of {1}.', pathText(path), message), path);
}
