/**
 * How a pattern is meant: as text that occurs anywhere in the key; as a glob, for a name or for a path; or as a regular
 * expression that is found anywhere in the key.
 */
export type PatternKind = 'text' | 'glob' | 'regex';

/** What keys are looked for by. */
export interface KeyQuery {
  readonly kind: PatternKind;
  /** As the user typed it. */
  readonly pattern: string;
  readonly matchCase: boolean;
  /** Look into values that are text, too; a glob is for keys only. */
  readonly values: boolean;
}

/** Part of a text: offsets of its beginning and its end. */
export type TextSpan = readonly [start: number, end: number];

/** Where a value has the pattern. */
export interface ValueHit {
  /** Counted from 0. */
  readonly line: number;
  /** In that line. */
  readonly span: TextSpan;
  /** The line, or the part of a long one that the pattern is in. */
  readonly excerpt: string;
}

/** A key that was found. */
export interface KeyHit {
  readonly key: Uint8Array;
  /** Where `keyText` of the key has the pattern, if that can be told. */
  readonly span?: TextSpan;
  readonly value?: ValueHit;
}
