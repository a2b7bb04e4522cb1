import { l10n } from 'vscode';
import { EtcdError } from '../../etcd/errors.ts';
import { KeyTextError, parseKeyText } from '../../etcd/keys/keyText.ts';
import { unknownFields } from '../../etcd/unknownFields.ts';

/** Limit of a text that a model gives, in characters. */
const MAX_TEXT = 1024 * 1024;

/** The input of a tool, which a model has written. Every failure names the field. */
export class ToolInput {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(input: unknown) {
    this.#fields = unknownFields(input);
  }

  /** Returns a text as it is, for a question; empty if there is none. */
  shown(name: string): string {
    const value = this.#fields[name];
    return typeof value === 'string' ? value : '';
  }

  /** @throws EtcdError if it is no text, or too long */
  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed()) return value;
    throw new EtcdError('unsupported', l10n.t('"{0}" must be a text of at most 1 MB.', name));
  }

  /** @throws EtcdError also if it is absent */
  text(name: string): string {
    const text = this.optionalText(name);
    if (text === undefined) throw new EtcdError('unsupported', l10n.t('"{0}" is missing.', name));
    return text;
  }

  /** @throws EtcdError if it is no key text */
  optionalKey(name: string): Uint8Array | undefined {
    const text = this.optionalText(name);
    try {
      return text === undefined ? undefined : parseKeyText(text);
    } catch (error) {
      if (error instanceof KeyTextError)
        throw new EtcdError('unsupported', `${name}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** @throws EtcdError also if it is absent or empty */
  key(name: string): Uint8Array {
    const key = this.optionalKey(name);
    if (key && key.length > 0) return key;
    throw new EtcdError('unsupported', l10n.t('"{0}" is missing.', name));
  }

  /** Returns one of the choices; the first one if there is none of them. */
  choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    return choices.find((each) => each === this.#fields[name]) ?? choices[0];
  }

  flag(name: string): boolean {
    return this.#fields[name] === true;
  }

  /** Returns a number from 1 to a limit; the limit if there is none. */
  count(name: string, most: number): number {
    const value = this.#fields[name];
    return typeof value === 'number' && value >= 1 ? Math.min(Math.floor(value), most) : most;
  }
}
