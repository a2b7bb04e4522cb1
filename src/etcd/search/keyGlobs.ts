import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Hierarchy } from '../keys/hierarchy.ts';
import { rangeContains } from '../keys/ranges.ts';
import { rangeWithin } from '../keys/rangeSets.ts';
import type { KeyRange } from '../keyStore.ts';
import { limitedWork } from '../limitedWork.ts';
import { keyMatcher, type KeyMatcher } from './keyMatcher.ts';

// See docs/contributing/decisions/keys.md

/** Limits of a list of globs, which anyone may have written into a workspace's settings. */
const MAX_GLOBS = 100;
const MAX_CHARACTERS = 500;
/** Milliseconds to read a list, and to match one key or a page of keys. */
const TIME_LIMIT = 200;

/** Milliseconds of matching after which its pace counts, and the slowest pace for one key: globs of people take far less. */
const ENOUGH_TO_JUDGE = 2000;
const SLOWEST = 5;

const EVERYTHING = new Uint8Array();
/** A glob that is a plain text and two stars, so that it needs no pattern. */
const PLAIN_PREFIX = /^[ -)+->@-Z\]-z|}~]*\*\*$/;
/** Ends with two stars, of which a backslash escapes none: what it matches, it matches with any continuation. */
const OPEN_END = /(?<!\\)(?:\\\\)*\*\*$/;

interface KeyGlob extends Pick<KeyMatcher, 'match'> {
  readonly range: KeyRange;
  /** Whether it matches every key of its range. */
  readonly isWhole: boolean;
  readonly hasOpenEnd: boolean;
}

/** A key, and the globs in whose ranges it is. */
interface NearKey {
  readonly key: Uint8Array;
  readonly near: readonly KeyGlob[];
}

/** A list of globs from the settings of a connection, with the meaning that they have in a search. */
export class KeyGlobs {
  readonly #globs: readonly KeyGlob[];
  readonly #whenSlow: boolean;
  /** True once a match took too long, or many took long: they are not tried again. */
  #isSlow = false;
  #spent = 0;
  #tried = 0;

  /**
   * @param property of the connection, for errors
   * @param whenSlow what a match counts as that takes too long
   * @throws EtcdError `configuration`
   */
  constructor(property: string, globs: readonly string[], { separators }: Hierarchy, whenSlow: boolean) {
    this.#whenSlow = whenSlow;
    if (globs.includes(''))
      throw wrong(l10n.t('The "{0}" of the connection is not a list of globs such as "/registry/**".', property));
    if (globs.length > MAX_GLOBS || globs.some(({ length }) => length > MAX_CHARACTERS))
      throw wrong(
        l10n.t(
          'The "{0}" of the connection is too long: at most {1} globs of at most {2} characters are allowed.',
          property,
          MAX_GLOBS,
          MAX_CHARACTERS,
        ),
      );
    const read = limitedWork({ milliseconds: TIME_LIMIT }, () => globs.map((glob) => readGlob(glob, separators)));
    if (!read) throw wrong(l10n.t('The globs in "{0}" of the connection take too long to read.', property));
    this.#globs = read;
  }

  /** Whether a glob matches the key. */
  matches(key: Uint8Array): boolean {
    return this.matching([key]).size > 0;
  }

  /** Whether one glob matches every key that begins with the prefix. */
  matchesAll(prefix: Uint8Array): boolean {
    const open = this.#globs.filter(({ hasOpenEnd }) => hasOpenEnd);
    return this.matching([prefix], open).size > 0;
  }

  /** Returns those of the keys that a glob matches. */
  matching(keys: Iterable<Uint8Array>, globs = this.#globs): Set<Uint8Array> {
    const matched = new Set<Uint8Array>();
    const open: NearKey[] = [];
    for (const key of keys) {
      const near = globs.filter(({ range }) => rangeContains(range, key));
      if (near.some(({ isWhole }) => isWhole)) matched.add(key);
      else if (near.length > 0) open.push({ key, near });
    }
    for (const { key } of open.length > 0 ? this.#slowly(open) : []) matched.add(key);
    return matched;
  }

  /** Returns the parts of a range outside of which no glob matches a key. */
  partsOf(range: KeyRange): KeyRange[] {
    return rangeWithin(
      range,
      this.#globs.map((glob) => glob.range),
    );
  }

  #slowly(keys: readonly NearKey[]): readonly NearKey[] {
    const isMatched = ({ key, near }: NearKey) => near.some(({ match }) => match({ key }) !== undefined);
    const begun = performance.now();
    const matched = this.#isSlow ? undefined : limitedWork({ milliseconds: TIME_LIMIT }, () => keys.filter(isMatched));
    this.#spent += performance.now() - begun;
    this.#tried += keys.length;
    this.#isSlow = !matched || (this.#spent > ENOUGH_TO_JUDGE && this.#spent / this.#tried > SLOWEST);
    return matched ?? (this.#whenSlow ? keys : []);
  }
}

function readGlob(pattern: string, separators: readonly Uint8Array[]): KeyGlob {
  const query = { kind: 'glob', pattern, matchCase: true, values: false } as const;
  const { range, match } = keyMatcher(query, EVERYTHING, separators);
  if (!range) throw new Error('a glob for all keys has a range');
  const isRooted = separators.some((each) => pattern.startsWith(Buffer.from(each).toString()));
  return { range, match, isWhole: isRooted && PLAIN_PREFIX.test(pattern), hasOpenEnd: OPEN_END.test(pattern) };
}

function wrong(message: string): EtcdError {
  return new EtcdError('configuration', message);
}
