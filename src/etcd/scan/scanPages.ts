import type { KeyRange } from '../keyStore.ts';
import { ScanPath, type PageRequest, type ScannedPage } from './scanPath.ts';

// See docs/contributing/decisions/search.md

/** Keys of the first page, so that it arrives soon; later pages grow to their full size. */
export const FIRST_KEYS = 1000;
const GROWTH = 16;
/** Pages requested at a time: etcd works on each with one thread. */
const PAGES_UNDER_WAY = 2;
/** Pages held at most, including those that arrived before their turn. */
const MAX_PAGES = 4;

/** Source of the pages of a scan. */
export interface PageSource<Answer> {
  /** Bytes that an answer should have; up to `MAX_PAGES` answers are held at a time. */
  readonly pageBytes: number;
  readonly ask: (request: PageRequest) => Promise<Answer>;
  /** Returns what an answer brought, and its size. */
  readonly pageOf: (answer: Answer) => ScannedPage & { readonly bytes: number };
}

/** Requests all keys of a range and yields the answers in key order; yields the first one even if it is empty. */
export async function* scanPages<Answer>(
  range: KeyRange,
  { pageBytes, ask, pageOf }: PageSource<Answer>,
): AsyncGenerator<Answer> {
  const path = new ScanPath(range);
  const answers = new Map<PageRequest, Promise<Answer>>();
  let underWay = 0;
  let limit = FIRST_KEYS;
  const askNext = (): boolean => {
    const request = path.next(limit);
    if (!request) return false;
    underWay++;
    const ended = () => void underWay--;
    const answer = ask(request);
    // The error is thrown where the answer is awaited, unless the caller has stopped by then.
    answer.then(ended, ended);
    answers.set(request, answer);
    return true;
  };
  askNext();
  for (let isFirst = true; path.first; isFirst = false) {
    const pending = answers.get(path.first);
    if (!pending) throw new Error('a page was not asked for');
    answers.delete(path.first);
    const answer = await pending;
    const page = pageOf(answer);
    path.take(page);
    limit = nextLimit(limit, page.keys, page.bytes, pageBytes);
    // The page that is next in order is always requested: pages that arrived early may fill all the room.
    while (!path.first || (underWay < PAGES_UNDER_WAY && answers.size < MAX_PAGES)) if (!askNext()) break;
    if (page.keys > 0 || isFirst) yield answer;
  }
}

function nextLimit(limit: number, keys: number, bytes: number, wanted: number): number {
  const fitting = keys > 0 ? Math.ceil((keys * wanted) / bytes) : limit;
  return Math.max(1, Math.min(fitting, limit * GROWTH));
}
