import { isUtf8 } from 'node:buffer';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { owned, ownedText } from '../keys/owned.ts';
import { keyText } from '../keys/keyText.ts';
import { compareKeys, prefixRange } from '../keys/ranges.ts';
import type { KeyRange } from '../keyStore.ts';
import { globPattern } from './globPattern.ts';
import { limitedWork } from '../limitedWork.ts';
import type { KeyHit, KeyQuery, TextSpan, ValueHit } from './keyQuery.ts';
import { matchText, typedText } from './matchText.ts';
import { caselessBeginning, escapeRegExp, regexBeginning, unambiguousBeginning } from './regexPattern.ts';

/** Characters of a value's line that are kept on each side of a match. */
const CONTEXT = 100;

/** Limit of a pattern: nobody types a longer one, and reading it may take quadratic time. */
export const MAX_PATTERN_CHARACTERS = 4000;
const TIME_LIMIT = 500;

/** A query that is ready to be matched against keys. */
export interface KeyMatcher {
  /**
   * The range of keys that can match; undefined if none can, because the pattern begins differently from the folder's
   * keys.
   */
  readonly range: KeyRange | undefined;
  /** Whether matching needs values. */
  readonly values: boolean;
  /** Matches one entry. This may never end: see `limitedWork`. A hit shares no memory with the entry. */
  readonly match: (entry: SearchedEntry) => KeyHit | undefined;
}

export interface SearchedEntry {
  readonly key: Uint8Array;
  /** `matchText` of the key, if known. */
  readonly text?: string;
  /** Set if values are searched. */
  readonly value?: Uint8Array;
  /** An object's fields, which are searched instead of its value. */
  readonly fields?: string | undefined;
}

/**
 * Prepares a query.
 * @param folder prefix of the keys to search. A glob with a separator inside applies to what follows the folder, or to
 * the whole key if it begins with a separator. A glob without one applies to the last segment.
 * @throws EtcdError `pattern`
 */
export function keyMatcher(query: KeyQuery, folder: Uint8Array, separators: readonly Uint8Array[]): KeyMatcher {
  return readPattern(query.pattern, () => matcherOf(query, folder, separators));
}

/** Reads a pattern from a user, a setting or a stored search. @throws EtcdError `pattern` also if it is too long */
export function readPattern<T>(pattern: string, read: () => T): T {
  const limits = { milliseconds: TIME_LIMIT, size: pattern.length, maxSize: MAX_PATTERN_CHARACTERS };
  const done = limitedWork(limits, read);
  if (done !== undefined) return done;
  throw new EtcdError(
    'pattern',
    l10n.t('The pattern is too long: at most {0} characters are allowed.', MAX_PATTERN_CHARACTERS),
  );
}

function matcherOf(query: KeyQuery, folder: Uint8Array, separators: readonly Uint8Array[]): KeyMatcher {
  const { source, beginning, isWhole } = patternOf(query, matchText(folder), separators.map(matchText));
  const inKey = regExp(source, query.matchCase ? 's' : 'si');
  const values = query.values && query.kind !== 'glob';
  const inValue = values ? regExp(source, query.matchCase ? 'm' : 'mi') : undefined;
  const fixed = values ? '' : unambiguousBeginning(query.matchCase ? beginning : caselessBeginning(beginning));
  return {
    range: rangeWithin(folder, Buffer.from(fixed)),
    values,
    match(entry) {
      const text = entry.text ?? matchText(entry.key);
      const found = inKey.exec(text);
      const valueHit =
        !found && inValue && entry.value ? hitInValue(entry.fields ?? valueText(entry.value), inValue) : undefined;
      if (!found && !valueHit) return undefined;
      const key = owned(entry.key);
      if (!found) return { key, ...(valueHit && { value: valueHit }) };
      return { key, ...(!isWhole && spanInKey(key, text, found)) };
    },
  };
}

interface Pattern {
  readonly source: string;
  /** Text that every matching key begins with, in the characters of `matchText`. */
  readonly beginning: string;
  /** True if a hit is always the whole key. */
  readonly isWhole: boolean;
}

function patternOf({ kind, pattern }: KeyQuery, folder: string, separators: readonly string[]): Pattern {
  if (pattern === '') throw new EtcdError('pattern', l10n.t('Type something to search for.'));
  if (kind === 'text') return { source: escapeRegExp(typedText(pattern)), beginning: '', isWhole: false };
  if (kind === 'regex') return { source: pattern, beginning: regexBeginning(pattern), isWhole: false };
  const { source, beginning } = globPattern(pattern, separators);
  const separator = `(?:${separators.map(escapeRegExp).join('|')})`;
  if (!separators.some((each) => pattern.includes(each))) {
    const name = separators.length === 0 ? '' : `(?:.*${separator})?`;
    return { source: `^${name}${source}$`, beginning: '', isWhole: true };
  }
  if (separators.some((each) => pattern.startsWith(each))) return { source: `^${source}$`, beginning, isWhole: true };
  // Most keyspaces begin with a separator, which users do not type when they think of folders.
  if (folder === '') return { source: `^${separator}?${source}$`, beginning: '', isWhole: true };
  return { source: `^${escapeRegExp(folder)}${source}$`, beginning: folder + beginning, isWhole: true };
}

/**
 * Creates a regular expression with the flag `u` if possible; without it, more of what people write is valid. @throws
 * EtcdError `pattern`
 */
export function regExp(source: string, flags: string): RegExp {
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, flags + unicode);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (unicode === '') throw new EtcdError('pattern', l10n.t('Invalid regular expression: {0}', error.message));
    }
  }
  throw new Error('a regular expression is valid or not');
}

function rangeWithin(folder: Uint8Array, beginning: Uint8Array): KeyRange | undefined {
  const [short, long] = folder.length < beginning.length ? [folder, beginning] : [beginning, folder];
  return compareKeys(long.subarray(0, short.length), short) === 0 ? prefixRange(long) : undefined;
}

/** Returns where a key's text has the match; undefined if the text has escapes, which move what follows them. */
function spanInKey(key: Uint8Array, text: string, found: RegExpExecArray): { span: TextSpan } | undefined {
  const isPlain = found[0] !== '' && isUtf8(key) && keyText(key) === text;
  return isPlain ? { span: [found.index, found.index + found[0].length] } : undefined;
}

/** The value's text; undefined if it is binary. */
function valueText(value: Uint8Array): string | undefined {
  if (value.includes(0) || !isUtf8(value)) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}

function hitInValue(text: string | undefined, pattern: RegExp): ValueHit | undefined {
  const found = text === undefined ? undefined : pattern.exec(text);
  if (!found || text === undefined) return undefined;
  const lineStart = text.lastIndexOf('\n', found.index - 1) + 1;
  const lineEnd = /\r?\n|$/g;
  lineEnd.lastIndex = found.index;
  const end = lineEnd.exec(text)?.index ?? text.length;
  const column = found.index - lineStart;
  const spanEnd = Math.min(column + found[0].length, end - lineStart);
  return {
    line: text.slice(0, lineStart).split('\n').length - 1,
    span: [column, spanEnd],
    excerpt: ownedText(
      text.slice(Math.max(lineStart, found.index - CONTEXT), Math.min(end, lineStart + spanEnd + CONTEXT)),
    ),
  };
}
