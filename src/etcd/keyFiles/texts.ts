import * as l10n from '@vscode/l10n';
import { badFile, entryTooLong, MAX_ENTRY_CHARACTERS } from './fileEntry.ts';

/** Limit of the bytes that are kept in memory of chunks that can be read only once. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** The bytes of a file, which is read again for each iteration. */
export interface RepeatableChunks extends AsyncIterable<Uint8Array> {
  readonly isRepeatable: true;
}

/** Makes chunks readable twice; chunks that come only once, as a stream's do, are kept in memory. */
export async function readTwice(chunks: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  if ('isRepeatable' in chunks) return chunks;
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_KEPT_BYTES) throw badFile(l10n.t('it is larger than {0} MB.', MAX_KEPT_BYTES / (1024 * 1024)));
  }
  return {
    async *[Symbol.asyncIterator]() {
      yield* kept;
    },
  };
}

/**
 * Decodes UTF-8 that may be cut anywhere, without its byte order mark. @throws EtcdError `unsupported` for anything
 * else
 */
export async function* textsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let isFirst = true;
  for await (const chunk of chunks) {
    const text = decoded(() => decoder.decode(chunk, { stream: true }));
    yield isFirst ? text.replace(/^\ufeff/, '') : text;
    if (text !== '') isFirst = false;
  }
  decoded(() => decoder.decode());
}

/**
 * Yields the lines of UTF-8 chunks without line feeds; carriage returns stay.
 * @throws EtcdError `unsupported` also if a line is longer than a file may have for one key
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  // Parts of a line that spans chunks. They are joined once, because joining each time would take quadratic time.
  let started: string[] = [];
  let length = 0;
  for await (const text of textsOf(chunks)) {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      yield started.length > 0 ? started.join('') + line : line;
      started = [];
      length = 0;
    }
    if (last !== '') started.push(last);
    length += last.length;
    if (length > MAX_ENTRY_CHARACTERS) throw entryTooLong();
  }
  const rest = started.join('');
  if (rest !== '') yield rest;
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch (error) {
    throw badFile(l10n.t('it is not UTF-8 text.'), error);
  }
}
