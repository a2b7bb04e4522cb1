import type { KeyRange } from '../keyStore.ts';
import { ScanPath, type PageRequest, type ScannedPage } from './scanPath.ts';

/** The first page is there soon; those after it grow up to their size. */
export const FIRST_KEYS = 1000;
const GROWTH = 16;
/** etcd works on each by one thread. */
const PAGES_UNDER_WAY = 2;
/** With those that came before their turn. */
const MOST_PAGES = 4;

/** Where the pages of a scan come from. */
export interface PageSource<Answer> {
  /** Bytes that an answer should have: `MOST_PAGES` of them are held at a time. */
  readonly pageBytes: number;
  readonly ask: (request: PageRequest) => Promise<Answer>;
  /** What an answer brought, and its size. */
  readonly pageOf: (answer: Answer) => ScannedPage & { readonly bytes: number };
}

/** Asks for all keys of a range, and gives the answers in the order of their keys; the first comes also where it is empty. */
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
    // It fails when it is awaited, unless the caller has stopped by then.
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
    // The page that is waited for is asked in any case: what came before its turn may be all that may be held.
    while (!path.first || (underWay < PAGES_UNDER_WAY && answers.size < MOST_PAGES)) if (!askNext()) break;
    if (page.keys > 0 || isFirst) yield answer;
  }
}

function nextLimit(limit: number, keys: number, bytes: number, wanted: number): number {
  const fitting = keys > 0 ? Math.ceil((keys * wanted) / bytes) : limit;
  return Math.max(1, Math.min(fitting, limit * GROWTH));
}
