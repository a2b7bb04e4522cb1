export const PATTERN_KINDS = ['text', 'glob', 'regex'] as const;

/**
 * Kind of a pattern: text anywhere in the key, a glob for a name or a path, or a regular expression that may match
 * anywhere in the key.
 */
export type PatternKind = (typeof PATTERN_KINDS)[number];

/** What a search looks for. */
export interface KeyQuery {
  readonly kind: PatternKind;
  /** As the user typed it. */
  readonly pattern: string;
  readonly matchCase: boolean;
  /** Search values that are text, too; a glob applies to keys only. */
  readonly values: boolean;
}

/** Part of a text: the offsets of its beginning and its end. */
export type TextSpan = readonly [start: number, end: number];

/** Place of a match in a value. */
export interface ValueHit {
  /** Line number, from 0. */
  readonly line: number;
  /** Position in that line. */
  readonly span: TextSpan;
  /** The line, or the part of a long line around the match. */
  readonly excerpt: string;
}

/** A key that a search found. */
export interface KeyHit {
  readonly key: Uint8Array;
  /** Place of the match in `keyText` of the key, if known. */
  readonly span?: TextSpan;
  readonly value?: ValueHit;
}
