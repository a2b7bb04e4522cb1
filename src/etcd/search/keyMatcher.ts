import { isUtf8 } from 'node:buffer';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { keyText } from '../keyspace/keyText.ts';
import { compareKeys, prefixRange } from '../keyspace/ranges.ts';
import type { KeyRange } from '../keyStore.ts';
import { globPattern } from './globPattern.ts';
import type { KeyHit, KeyQuery, TextSpan, ValueHit } from './keyQuery.ts';
import { matchText, typedText } from './matchText.ts';
import { caselessBeginning, escapeRegExp, regexBeginning, unambiguousBeginning } from './regexPattern.ts';

/** Characters of a value's line that are kept on each side of what was found. */
const CONTEXT = 100;

/** A query, ready to be asked of keys. */
export interface KeyMatcher {
  /** Where keys can be that match; undefined where none can, since the pattern begins otherwise than the folder's keys. */
  readonly range: KeyRange | undefined;
  /** Whether values are needed. */
  readonly values: boolean;
  /** May take without end: see `runWithin`. What is found shares no memory with the key that was asked about. */
  readonly match: (entry: SearchedEntry) => KeyHit | undefined;
}

export interface SearchedEntry {
  readonly key: Uint8Array;
  /** `matchText` of the key, where that is known. */
  readonly text?: string;
  /** Where values are looked into. */
  readonly value?: Uint8Array;
}

/**
 * @param folder prefix of the keys that are looked at; a glob that has a separator inside is for what follows the folder, or
 *   where it begins with a separator for the whole key; one without is for the last segment
 * @throws EtcdError `pattern`
 */
export function keyMatcher(query: KeyQuery, folder: Uint8Array, separators: readonly Uint8Array[]): KeyMatcher {
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
      const valueHit = !found && inValue && entry.value ? hitInValue(entry.value, inValue) : undefined;
      if (!found && !valueHit) return undefined;
      // Without a copy, a key would keep all that it came with.
      const key = Uint8Array.from(entry.key);
      if (!found) return { key, ...(valueHit && { value: valueHit }) };
      return { key, ...(!isWhole && spanInKey(key, text, found)) };
    },
  };
}

interface Pattern {
  readonly source: string;
  /** What every key begins with that matches, in the characters of `matchText`. */
  readonly beginning: string;
  /** The whole key is what is found, not a part of it. */
  readonly isWhole: boolean;
}

function patternOf({ kind, pattern }: KeyQuery, folder: string, separators: readonly string[]): Pattern {
  if (pattern === '') throw new EtcdError('pattern', l10n.t('There is nothing to look for yet.'));
  if (kind === 'text') return { source: escapeRegExp(typedText(pattern)), beginning: '', isWhole: false };
  if (kind === 'regex') return { source: pattern, beginning: regexBeginning(pattern), isWhole: false };
  const { source, beginning } = globPattern(pattern, separators);
  const separator = `(?:${separators.map(escapeRegExp).join('|')})`;
  if (!separators.some((each) => pattern.includes(each))) {
    const name = separators.length === 0 ? '' : `(?:.*${separator})?`;
    return { source: `^${name}${source}$`, beginning: '', isWhole: true };
  }
  if (separators.some((each) => pattern.startsWith(each))) return { source: `^${source}$`, beginning, isWhole: true };
  // Most keyspaces begin with a separator, which nobody types who thinks of folders.
  if (folder === '') return { source: `^${separator}?${source}$`, beginning: '', isWhole: true };
  return { source: `^${escapeRegExp(folder)}${source}$`, beginning: folder + beginning, isWhole: true };
}

/** With the flag `u` where that is possible: without it, more of what people write is allowed. @throws EtcdError `pattern` */
export function regExp(source: string, flags: string): RegExp {
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, flags + unicode);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (unicode === '') throw new EtcdError('pattern', l10n.t('This is no regular expression: {0}', error.message));
    }
  }
  throw new Error('a regular expression is valid or not');
}

function rangeWithin(folder: Uint8Array, beginning: Uint8Array): KeyRange | undefined {
  const [short, long] = folder.length < beginning.length ? [folder, beginning] : [beginning, folder];
  return compareKeys(long.subarray(0, short.length), short) === 0 ? prefixRange(long) : undefined;
}

/** Escapes in a key's text move what comes after them: the span is told of keys that have none. */
function spanInKey(key: Uint8Array, text: string, found: RegExpExecArray): { span: TextSpan } | undefined {
  const isPlain = found[0] !== '' && isUtf8(key) && keyText(key) === text;
  return isPlain ? { span: [found.index, found.index + found[0].length] } : undefined;
}

function hitInValue(value: Uint8Array, pattern: RegExp): ValueHit | undefined {
  if (value.includes(0) || !isUtf8(value)) return undefined;
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  const found = pattern.exec(text);
  if (!found) return undefined;
  const lineStart = text.lastIndexOf('\n', found.index - 1) + 1;
  const lineEnd = /\r?\n|$/g;
  lineEnd.lastIndex = found.index;
  const end = lineEnd.exec(text)?.index ?? text.length;
  const column = found.index - lineStart;
  const spanEnd = Math.min(column + found[0].length, end - lineStart);
  return {
    line: text.slice(0, lineStart).split('\n').length - 1,
    span: [column, spanEnd],
    excerpt: text.slice(Math.max(lineStart, found.index - CONTEXT), Math.min(end, lineStart + spanEnd + CONTEXT)),
  };
}
