import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Child, ChildListing, ChildPage, KeyStore, PageBeginning } from '../keyStore.ts';
import { globPattern, looksLikeGlob } from './globPattern.ts';
import { regExp } from './keyMatcher.ts';
import { matchText, typedText } from './matchText.ts';
import { escapeRegExp, unambiguousBeginning } from './regexPattern.ts';
import { runWithin } from './timeLimit.ts';

/** Children that are read at a time. */
const READ_AT_A_TIME = 2000;
/** Milliseconds that the matching of these may take. */
const TIME_LIMIT = 250;

/** Lets children through by their names. */
export interface NameFilter {
  /** As it was typed: a glob for the whole name, or a part of the name in whatever case. */
  readonly pattern: string;
  /** What all names begin with that match, which the server can be asked for. */
  readonly namePrefix: Uint8Array;
  readonly matches: (name: Uint8Array) => boolean;
}

export function nameFilter(pattern: string): NameFilter {
  const { source, beginning } = looksLikeGlob(pattern) ? globPattern(pattern, []) : { source: '', beginning: '' };
  const expression = source === '' ? regExp(escapeRegExp(typedText(pattern)), 'si') : regExp(`^${source}$`, 's');
  return {
    pattern,
    namePrefix: Buffer.from(unambiguousBeginning(beginning)),
    matches: (name) => expression.test(matchText(name)),
  };
}

/** The children of a folder that a filter lets through. See `KeyStore.listChildren`. */
export function filteredListing(
  store: Pick<KeyStore, 'listChildren'>,
  prefix: Uint8Array,
  filter: NameFilter,
): ChildListing {
  return new FilteredListing(store.listChildren(prefix, { namePrefix: filter.namePrefix }), filter);
}

class FilteredListing implements ChildListing {
  readonly #listing: ChildListing;
  readonly #filter: NameFilter;
  #found: Child[] = [];
  #last: ChildPage | undefined;

  constructor(listing: ChildListing, filter: NameFilter) {
    this.#listing = listing;
    this.#filter = filter;
  }

  async next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage> {
    while (this.#found.length < size && !this.#last?.done) {
      const matches = new GrowingMatches((children) => this.#matching(children));
      const tell = ({ children, revision }: PageBeginning) => {
        const found = [...this.#found, ...matches.of(children)];
        if (found.length > 0) begun?.({ children: found.slice(0, size), revision });
      };
      const page = await this.#listing.next(READ_AT_A_TIME, signal, begun && tell);
      this.#found.push(...matches.of(page.children));
      this.#last = page;
    }
    const children = this.#found.slice(0, size);
    this.#found = this.#found.slice(size);
    const done = this.#found.length === 0 && (this.#last?.done ?? false);
    return { children, done, revision: this.#last?.revision ?? 0n };
  }

  #matching(children: readonly Child[]): readonly Child[] {
    let matching: readonly Child[] = [];
    const match = () => {
      matching = children.filter(({ name }) => this.#filter.matches(name));
    };
    if (runWithin(TIME_LIMIT, match) || runWithin(TIME_LIMIT, match)) return matching;
    throw new EtcdError('pattern', l10n.t('The filter {0} takes too long. Write it simpler.', this.#filter.pattern));
  }
}

/** What matches of children that are told again and again, with more of them each time: each is matched once. */
class GrowingMatches {
  readonly #match: (children: readonly Child[]) => readonly Child[];
  #matching: readonly Child[] = [];
  #seen: readonly Child[] = [];

  constructor(match: (children: readonly Child[]) => readonly Child[]) {
    this.#match = match;
  }

  of(children: readonly Child[]): readonly Child[] {
    // A listing that had to begin again tells other ones.
    const goesOn = this.#seen.every((child, at) => child === children[at]);
    const added = this.#match(goesOn ? children.slice(this.#seen.length) : children);
    this.#matching = goesOn ? [...this.#matching, ...added] : added;
    this.#seen = children;
    return this.#matching;
  }
}
