import * as l10n from '@vscode/l10n';
import { binaryTag, CORE_SCHEMA, dump, loadAll } from 'js-yaml';
import {
  asText,
  badFile,
  FORMAT_NAME,
  type FileEntry,
  type FileHeader,
  type FilePart,
  type KeyFileWriter,
} from './fileEntry.ts';
import { linesOf } from './lines.ts';
import { factsOf, isRecord, readFacts, readHeader } from './records.ts';

const SCHEMA = CORE_SCHEMA.withTags(binaryTag);
/** As one piece of YAML, whole keys of so many characters are parsed. */
const PIECE = 64 * 1024;

/** Writes a mapping with a block sequence `keys` of mappings; what is no UTF-8 text is `!!binary`. */
export class YamlFileWriter implements KeyFileWriter {
  readonly leftOut = 0;
  #any = false;

  begin({ prefix, revision, cluster }: FileHeader): string {
    return dumped({
      format: FORMAT_NAME,
      prefix: textOrBytes(prefix),
      ...(revision !== undefined && { revision: String(revision) }),
      ...(cluster !== undefined && { cluster }),
    });
  }

  entry(entry: FileEntry): string {
    const item = dumped([{ key: textOrBytes(entry.key), value: textOrBytes(entry.value), ...factsOf(entry) }]);
    const start = this.#any ? '' : 'keys:\n';
    this.#any = true;
    return start + item;
  }

  end(): string {
    return this.#any ? '' : 'keys: []\n';
  }
}

/**
 * Reads what `YamlFileWriter` writes, also after an editor has changed it. See `KeyFileReader`. The items of a block sequence
 * are the only lines that begin with `- ` at its own depth, which lets a file of any size be parsed some items at a time.
 */
export async function* readYamlFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  let piece: string[] = [];
  let length = 0;
  let itemStart: RegExp | undefined;
  let isInKeys = false;
  for await (const line of linesOf(chunks)) {
    if (!isInKeys) {
      isInKeys = /^keys:\s*(?:#.*)?$/.test(line);
      if (!isInKeys) piece.push(line);
      else {
        yield { header: headerOf(piece.join('\n')) };
        piece = [];
      }
      continue;
    }
    const [, indent] = itemStart ? [] : (/^( *)- /.exec(line) ?? []);
    if (indent !== undefined) itemStart = new RegExp(`^${indent}- `);
    if (length > PIECE && itemStart?.test(line)) {
      yield { entries: entriesOf(piece.join('\n')) };
      piece = [];
      length = 0;
    }
    piece.push(line);
    length += line.length;
  }
  if (isInKeys) yield { entries: entriesOf(piece.join('\n')) };
  else yield* smallFile(piece.join('\n'));
}

/** A file whose keys are no block sequence, such as an empty one. */
function* smallFile(text: string): Generator<FilePart> {
  const content = loaded(text);
  if (!isRecord(content) || !Array.isArray(content['keys'])) throw badFile(l10n.t('it has no "keys".'));
  yield { header: readHeader(content, bytesOf(content['prefix'], 'prefix')) };
  yield { entries: content['keys'].map(entryOf) };
}

function headerOf(text: string): FileHeader {
  const content = loaded(text);
  const fields = isRecord(content) ? content : {};
  return readHeader(fields, bytesOf(fields['prefix'] ?? '', 'prefix'));
}

function entriesOf(text: string): FileEntry[] {
  const items = loaded(text) ?? [];
  if (!Array.isArray(items)) throw badFile(l10n.t('its "keys" are no list.'));
  return items.map(entryOf);
}

function entryOf(item: unknown): FileEntry {
  if (!isRecord(item)) throw badFile(l10n.t('each of its "keys" has to be an object with "key" and "value".'));
  const key = bytesOf(item['key'], 'key');
  if (key.length === 0) throw badFile(l10n.t('each of its "keys" has to be an object with "key" and "value".'));
  return { key, value: bytesOf(item['value'], 'value'), ...readFacts(item) };
}

/** @throws EtcdError where it is neither a text nor bytes, such as a number without quotes */
function bytesOf(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new TextEncoder().encode(value);
  throw badFile(l10n.t('its "{0}" has to be a text: put it between quotes.', name));
}

function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return asText(bytes) ?? bytes;
}

function dumped(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

function loaded(text: string): unknown {
  try {
    const [content, ...more] = loadAll(text, { schema: SCHEMA });
    if (more.length === 0) return content;
  } catch (error) {
    const [message = ''] = error instanceof Error ? error.message.split('\n', 1) : [];
    throw badFile(l10n.t('it is no valid YAML ({0}).', message), error);
  }
  throw badFile(l10n.t('it is several YAML documents.'));
}
