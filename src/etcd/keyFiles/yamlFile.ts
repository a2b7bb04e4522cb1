import * as l10n from '@vscode/l10n';
import { binaryTag, CORE_SCHEMA, dump, loadAll } from 'js-yaml';
import {
  badFile,
  entryTooLong,
  FOR_READING,
  FORMAT_NAME,
  MAX_ENTRY_CHARACTERS,
  type FileEntry,
  type FileHeader,
  type FilePart,
  type KeyFileWriter,
} from './fileEntry.ts';
import { asText } from '../utf8.ts';
import { factsOf, isRecord, readFacts, readHeader } from './records.ts';
import { linesOf, readTwice } from './texts.ts';

const SCHEMA = CORE_SCHEMA.withTags(binaryTag);
/** Characters of whole keys that are parsed as one piece of YAML. */
const PIECE = 64 * 1024;

/** Writes a mapping with a block sequence `keys` of mappings. Bytes that are not UTF-8 text become `!!binary`. */
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
    const { key, value, yaml } = entry;
    const item = dumped([
      {
        ...{ key: textOrBytes(key), value: textOrBytes(value), ...factsOf(entry) },
        ...(yaml !== undefined && { [FOR_READING]: yaml }),
      },
    ]);
    const start = this.#any ? '' : 'keys:\n';
    this.#any = true;
    return start + item;
  }

  end(): string {
    return this.#any ? '' : 'keys: []\n';
  }
}

/**
 * Reads what `YamlFileWriter` writes, even after an editor has changed it. See `KeyFileReader`. Only the items of a
 * block sequence begin with `- ` at its depth, so a file of any size can be parsed some items at a time.
 */
export async function* readYamlFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  const twice = await readTwice(chunks);
  // A mapping's members have no order: those about the file may follow the keys.
  const around = await linesAround(twice);
  if (!around.hasItems) return yield* smallFile(around.text);
  yield { header: headerOf(around.text) };
  let piece: string[] = [];
  let length = 0;
  let itemStart: RegExp | undefined;
  for await (const { line, isItem } of placed(linesOf(twice))) {
    if (!isItem) continue;
    if (length > MAX_ENTRY_CHARACTERS) throw entryTooLong();
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
  yield { entries: entriesOf(piece.join('\n')) };
}

/**
 * Returns the text around the items of the block sequence, which becomes an empty list; the whole file if it has none.
 */
async function linesAround(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly text: string; readonly hasItems: boolean }> {
  const lines: string[] = [];
  let hasItems = false;
  let length = 0;
  for await (const { line, isItem, begins } of placed(linesOf(chunks))) {
    if (!isItem) length += line.length;
    if (length > MAX_ENTRY_CHARACTERS) throw entryTooLong();
    hasItems ||= begins;
    if (begins) lines.push('keys: []');
    else if (!isItem) lines.push(line);
  }
  return { text: lines.join('\n'), hasItems };
}

interface PlacedLine {
  readonly line: string;
  /** True for lines of the items of `keys`. */
  readonly isItem: boolean;
  /** True for the line before the items. */
  readonly begins: boolean;
}

/**
 * Classifies lines. Among the items, only items and comments begin at the left edge, so anything else there ends them.
 */
async function* placed(lines: AsyncIterable<string>): AsyncGenerator<PlacedLine> {
  let isInKeys = false;
  for await (const line of lines) {
    const begins = /^keys:\s*(?:#.*)?$/.test(line);
    isInKeys = !begins && isInKeys && /^(?:[\s#]|-(?:\s|$)|$)/.test(line);
    yield { line, isItem: isInKeys, begins };
    isInKeys ||= begins;
  }
}

/** Reads a file whose keys are not a block sequence, such as an empty file. */
function* smallFile(text: string): Generator<FilePart> {
  const content = loaded(text);
  if (!isRecord(content) || !Array.isArray(content['keys'])) throw badFile(l10n.t('it has no "keys".'));
  yield { header: headerOf(text) };
  yield { entries: content['keys'].map(entryOf) };
}

function headerOf(text: string): FileHeader {
  const content = loaded(text);
  const fields = isRecord(content) ? content : {};
  return readHeader(fields, bytesOf(fields['prefix'] ?? '', 'prefix'));
}

function entriesOf(text: string): FileEntry[] {
  const items = loaded(text) ?? [];
  if (!Array.isArray(items)) throw badFile(l10n.t('its "keys" are not a list.'));
  return items.map(entryOf);
}

function entryOf(item: unknown): FileEntry {
  if (!isRecord(item)) throw badFile(l10n.t('each of its "keys" must be an object with "key" and "value".'));
  const key = bytesOf(item['key'], 'key');
  if (key.length === 0) throw badFile(l10n.t('each of its "keys" must be an object with "key" and "value".'));
  return { key, value: bytesOf(item['value'], 'value'), ...readFacts(item) };
}

/** @throws EtcdError if the value is neither text nor bytes, such as a number without quotes */
function bytesOf(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new TextEncoder().encode(value);
  throw badFile(l10n.t('its "{0}" must be a string: put it in quotes.', name));
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
    throw badFile(l10n.t('it is not valid YAML ({0}).', message), error);
  }
  throw badFile(l10n.t('it contains several YAML documents.'));
}
