import * as l10n from '@vscode/l10n';
import {
  badFile,
  FOR_READING,
  FORMAT_NAME,
  type FileEntry,
  type FileHeader,
  type FilePart,
  type KeyFileWriter,
} from './fileEntry.ts';
import { asText } from '../utf8.ts';
import { keyText, parseKeyText } from '../keys/keyText.ts';
import { JsonPieces } from './jsonPieces.ts';
import { readTwice, textsOf } from './texts.ts';
import { factsOf, isRecord, readFacts, readHeader } from './records.ts';

/**
 * Writes `{"format": …, "revision": …, "keys": [{"key": …, "value": …}, …]}`, one key per line. Bytes that are not
 * UTF-8 text become `keyBase64` or `valueBase64`.
 */
export class JsonFileWriter implements KeyFileWriter {
  readonly leftOut = 0;
  #first = true;

  begin(header: FileHeader): string {
    return `${JSON.stringify(headerFields(header), undefined, 2).slice(0, -2)},\n  "keys": [`;
  }

  /** @param file path of the file with the value, written in place of the value */
  entry(entry: FileEntry, file?: string): string {
    const separator = this.#first ? '\n' : ',\n';
    this.#first = false;
    const value = file === undefined ? bytesField('value', entry.value) : { file };
    const yaml = file === undefined && entry.yaml !== undefined && { [FOR_READING]: entry.yaml };
    const fields = { ...bytesField('key', entry.key), ...value, ...factsOf(entry), ...yaml };
    return `${separator}    ${JSON.stringify(fields)}`;
  }

  end(): string {
    return '\n  ]\n}\n';
  }
}

/** Reads what `JsonFileWriter` writes and what `etcdctl get --write-out=json` prints. See `KeyFileReader`. */
export async function* readJsonFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  for await (const part of readLists(chunks))
    if ('header' in part) yield part;
    else yield { entries: part.items.map(part.list === 'keys' ? entryOf : etcdctlEntry) };
}

/** A key of a manifest, whose value is in a file. */
export interface ListedKey extends Omit<FileEntry, 'value'> {
  readonly file: string;
}

/** Reads what `JsonFileWriter` writes for keys whose values are in files. @throws EtcdError `unsupported` */
export async function* readManifest(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly header: FileHeader } | { readonly keys: readonly ListedKey[] }> {
  for await (const part of readLists(chunks))
    if ('header' in part) yield part;
    else yield { keys: part.items.map(listedKey) };
}

async function* readLists(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly header: FileHeader } | { readonly list: string; readonly items: readonly unknown[] }> {
  const twice = await readTwice(chunks);
  // An object's members have no order: those about the file may follow the keys.
  const around = new JsonPieces('outside');
  for await (const text of textsOf(twice)) parsed(() => around.add(text));
  const header = readHeaderFields(around.outside);
  if (!around.hasList) throw badFile(l10n.t('it has no "keys".'));
  yield { header };
  const pieces = new JsonPieces('items');
  for await (const text of textsOf(twice)) yield* parsed(() => pieces.add(text));
  if (pieces.outside !== around.outside) throw badFile(l10n.t('it changed while it was being read.'));
}

function headerFields({ prefix, revision, cluster, separators }: FileHeader): Readonly<Record<string, unknown>> {
  return {
    format: FORMAT_NAME,
    ...bytesField('prefix', prefix),
    ...(revision !== undefined && { revision: String(revision) }),
    ...(cluster !== undefined && { cluster }),
    ...(separators && { separators: separators.map(keyText) }),
  };
}

function readHeaderFields(text: string): FileHeader {
  const fields = parsed(() => JSON.parse(text) as unknown);
  return headerOf(isRecord(fields) ? fields : {});
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw badFile(l10n.t('it is not valid JSON ({0}).', error instanceof Error ? error.message : String(error)), error);
  }
}

function headerOf(fields: Readonly<Record<string, unknown>>): FileHeader {
  const fromEtcdctl = isRecord(fields['header']) ? fields['header'] : {};
  const header = readHeader(
    { revision: fromEtcdctl['revision'], ...fields },
    readBytes(fields, 'prefix') ?? new Uint8Array(),
  );
  const { separators } = fields;
  return { ...header, ...(Array.isArray(separators) && { separators: separators.map(separatorOf) }) };
}

function separatorOf(text: unknown): Uint8Array {
  const separator = typeof text === 'string' ? parseKeyText(text) : new Uint8Array();
  if (separator.length === 0) throw badFile(l10n.t('its "separators" must be strings.'));
  return separator;
}

function listedKey(value: unknown): ListedKey {
  const key = isRecord(value) ? readBytes(value, 'key') : undefined;
  if (!isRecord(value) || !key || key.length === 0 || typeof value['file'] !== 'string')
    throw badFile(l10n.t('each of its "keys" must be an object with "key" and "file".'));
  return { key, file: value['file'], ...readFacts(value) };
}

function entryOf(value: unknown): FileEntry {
  if (!isRecord(value)) throw badFile(l10n.t('each of its "keys" must be an object with "key" and "value".'));
  const [key, content] = [readBytes(value, 'key'), readBytes(value, 'value')];
  if (!key || key.length === 0 || !content)
    throw badFile(l10n.t('each of its "keys" must be an object with "key" and "value".'));
  return { key, value: content, ...readFacts(value) };
}

/** Reads a key of etcdctl's, without its lease: etcdctl writes that as a number which JSON readers round. */
function etcdctlEntry(value: unknown): FileEntry {
  if (!isRecord(value) || typeof value['key'] !== 'string')
    throw badFile(l10n.t('each of its "kvs" must be an object with "key" and "value".'));
  const { key, value: content = '', mod_revision: modRevision } = value;
  return { key: base64(key), value: base64(content), ...readFacts({ modRevision }) };
}

function bytesField(name: string, bytes: Uint8Array): Readonly<Record<string, string>> {
  const text = asText(bytes);
  return text === undefined ? { [`${name}Base64`]: Buffer.from(bytes).toString('base64') } : { [name]: text };
}

function readBytes(record: Readonly<Record<string, unknown>>, name: string): Uint8Array | undefined {
  const [text, encoded] = [record[name], record[`${name}Base64`]];
  if (encoded !== undefined) return base64(encoded);
  return typeof text === 'string' ? new TextEncoder().encode(text) : undefined;
}

function base64(text: unknown): Uint8Array {
  if (typeof text !== 'string' || !/^[A-Za-z\d+/]*={0,2}$/.test(text))
    throw badFile(l10n.t('it contains invalid base64.'));
  return new Uint8Array(Buffer.from(text, 'base64'));
}
