import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { Child, ChildListing, ChildPage, KeyStore, PageBeginning } from '../keyStore.ts';
import { limitedWork } from '../limitedWork.ts';
import { globPattern, looksLikeGlob } from './globPattern.ts';
import { readPattern, regExp } from './keyMatcher.ts';
import { matchText, typedText } from './matchText.ts';
import { escapeRegExp, unambiguousBeginning } from './regexPattern.ts';

/** Children read at a time. */
const READ_AT_A_TIME = 2000;
/** Milliseconds that matching these may take. */
const TIME_LIMIT = 250;

/** Selects children by their names. */
export interface NameFilter {
  /** The filter as typed: a glob for the whole name, or a part of the name in any case. */
  readonly pattern: string;
  readonly matches: (name: Uint8Array) => boolean;
  /** Lists the children that match. See `KeyStore.listChildren`. */
  readonly listing: (store: Pick<KeyStore, 'listChildren'>, prefix: Uint8Array) => ChildListing;
}

type Matching = Pick<NameFilter, 'pattern' | 'matches'>;

/** Reads a filter. @throws EtcdError `pattern` if it is too long */
export function nameFilter(pattern: string): NameFilter {
  return readPattern(pattern, () => filterOf(pattern));
}

function filterOf(pattern: string): NameFilter {
  const { source, beginning } = looksLikeGlob(pattern) ? globPattern(pattern, []) : { source: '', beginning: '' };
  const expression = source === '' ? regExp(escapeRegExp(typedText(pattern)), 'si') : regExp(`^${source}$`, 's');
  // All matching names begin with it, which the server needs to know.
  const namePrefix = Buffer.from(unambiguousBeginning(beginning));
  const matches = (name: Uint8Array) => expression.test(matchText(name));
  return {
    pattern,
    matches,
    listing: (store, prefix) => new FilteredListing(store.listChildren(prefix, { namePrefix }), { pattern, matches }),
  };
}

class FilteredListing implements ChildListing {
  readonly #listing: ChildListing;
  readonly #filter: Matching;
  #found: Child[] = [];
  #last: ChildPage | undefined;

  constructor(listing: ChildListing, filter: Matching) {
    this.#listing = listing;
    this.#filter = filter;
  }

  async next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage> {
    while (this.#found.length < size && !this.#last?.done) {
      const matches = new GrowingMatches((children) => this.#matching(children));
      const report = ({ children, revision }: PageBeginning) => {
        const found = [...this.#found, ...matches.of(children)];
        if (found.length > 0) begun?.({ children: found.slice(0, size), revision });
      };
      const page = await this.#listing.next(READ_AT_A_TIME, signal, begun && report);
      this.#found.push(...matches.of(page.children));
      this.#last = page;
    }
    const children = this.#found.slice(0, size);
    this.#found = this.#found.slice(size);
    const done = this.#found.length === 0 && (this.#last?.done ?? false);
    return { children, done, revision: this.#last?.revision ?? 0n };
  }

  #matching(children: readonly Child[]): readonly Child[] {
    const matching = limitedWork({ milliseconds: TIME_LIMIT }, () =>
      children.filter(({ name }) => this.#filter.matches(name)),
    );
    if (matching) return matching;
    throw new EtcdError('pattern', l10n.t('The filter {0} is too slow. Simplify it.', this.#filter.pattern));
  }
}

/** Filters children that are reported repeatedly, with more of them each time; matches each of them once. */
class GrowingMatches {
  readonly #match: (children: readonly Child[]) => readonly Child[];
  #matching: readonly Child[] = [];
  #seen: readonly Child[] = [];

  constructor(match: (children: readonly Child[]) => readonly Child[]) {
    this.#match = match;
  }

  of(children: readonly Child[]): readonly Child[] {
    // A listing that started again reports other children.
    const goesOn = this.#seen.every((child, at) => child === children[at]);
    const added = this.#match(goesOn ? children.slice(this.#seen.length) : children);
    this.#matching = goesOn ? [...this.#matching, ...added] : added;
    this.#seen = children;
    return this.#matching;
  }
}
