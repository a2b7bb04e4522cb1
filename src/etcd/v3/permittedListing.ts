import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { listChildren, type ChildListingOptions, type RangeReader } from '../listing/childListing.ts';
import type { ChildListing, ChildPage, KeyRange, PageBeginning } from '../keyStore.ts';
import { beginnings } from './permittedRanges.ts';

/** Lists a folder or, if the user may not read all of it, its readable parts. */
export class PermittedListing implements ChildListing {
  readonly #read: RangeReader;
  readonly #prefix: Uint8Array;
  readonly #options: ChildListingOptions;
  readonly #readableRanges: (signal?: AbortSignal) => Promise<readonly KeyRange[] | undefined>;
  #listing: ChildListing;
  #restricted = false;

  /** @param readable the ranges that the user may read; undefined if no restriction is known */
  constructor(
    read: RangeReader,
    prefix: Uint8Array,
    options: ChildListingOptions,
    readable: (signal?: AbortSignal) => Promise<readonly KeyRange[] | undefined>,
  ) {
    this.#read = read;
    this.#prefix = prefix;
    this.#options = options;
    this.#readableRanges = readable;
    this.#listing = listChildren(read, prefix, options);
  }

  async next(size: number, signal?: AbortSignal, begun?: (beginning: PageBeginning) => void): Promise<ChildPage> {
    try {
      return await this.#listing.next(size, signal, begun);
    } catch (error) {
      if (this.#restricted || !EtcdError.is(error, 'permissionDenied')) throw error;
      const ranges = await this.#readableRanges(signal);
      if (ranges === undefined) throw error;
      const listing = listChildren(this.#read, this.#prefix, { ...this.#options, ranges });
      const page = await listing.next(size, signal, begun);
      if (page.done && page.children.length === 0) throw nothingReadable(ranges, error);
      this.#listing = listing;
      this.#restricted = true;
      return page;
    }
  }
}

function nothingReadable(ranges: readonly KeyRange[], cause: EtcdError): EtcdError {
  if (ranges.length === 0)
    return new EtcdError(
      'permissionDenied',
      l10n.t('This etcd user may not read any key: none of its roles grants that.'),
      {
        cause,
      },
    );
  return new EtcdError(
    'permissionDenied',
    l10n.t(
      'This etcd user may not read keys here, or there are none. Its roles let it read what begins at {0}.',
      beginnings(ranges),
    ),
    { cause },
  );
}
