import { parseEnv } from 'node:util';
import * as l10n from '@vscode/l10n';
import { keyText, parseKeyText } from '../keys/keyText.ts';
import {
  badFile,
  entryTooLong,
  MAX_ENTRY_CHARACTERS,
  type FileEntry,
  type FileHeader,
  type FilePart,
  type KeyFileWriter,
} from './fileEntry.ts';
import { asText } from '../utf8.ts';
import { linesOf, readTwice } from './texts.ts';

const KEY_COMMENT = '# key: ';
const PREFIX_COMMENT = '# prefix: ';
const REVISION_COMMENT = '# revision: ';
const CLUSTER_COMMENT = '# cluster: ';
const ENTRIES_AT_ONCE = 500;

/**
 * Writes `NAME='value'` lines that shells and dotenv readers understand alike, each below a comment with its key. A
 * value that is not UTF-8 text, or cannot be written like this, is left out and named in a comment.
 */
export class EnvFileWriter implements KeyFileWriter {
  #leftOut = 0;
  #prefix: Uint8Array = new Uint8Array();
  readonly #names = new Set<string>();

  get leftOut(): number {
    return this.#leftOut;
  }

  begin({ prefix, revision, cluster }: FileHeader): string {
    this.#prefix = prefix;
    const lines = [
      PREFIX_COMMENT + keyText(prefix),
      ...(revision === undefined ? [] : [REVISION_COMMENT + String(revision)]),
      ...(cluster === undefined ? [] : [CLUSTER_COMMENT + cluster]),
    ];
    return `${lines.join('\n')}\n`;
  }

  entry({ key, value }: FileEntry): string {
    const quoted = quote(asText(value));
    if (quoted !== undefined) return `\n${KEY_COMMENT}${keyText(key)}\n${this.#nameOf(key)}=${quoted}\n`;
    this.#leftOut++;
    return `\n# ${l10n.t('left out, since this form cannot hold its value: {0}', keyText(key))}\n`;
  }

  end(): string {
    return '';
  }

  #nameOf(key: Uint8Array): string {
    const text = Buffer.from(key.subarray(this.#prefix.length)).toString('utf8');
    const plain = text
      .toUpperCase()
      .replaceAll(/[^A-Z\d]+/g, '_')
      .replace(/^_+|_+$/g, '');
    const base = /^[A-Z]/.test(plain) ? plain : `_${plain}`;
    let name = base;
    for (let number = 2; this.#names.has(name); number++) name = `${base}_${number}`;
    this.#names.add(name);
    return name;
  }
}

/**
 * Reads assignments. An assignment without a comment for its key becomes a key of that name below the prefix. See
 * `KeyFileReader`.
 */
export async function* readEnvFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  const twice = await readTwice(chunks);
  // Comments may come in any order: those about the file may follow the keys.
  const header = await readHeader(twice);
  yield { header };
  let named: { readonly key: Uint8Array; readonly line: number } | undefined;
  let entries: FileEntry[] = [];
  for await (const { text, line } of statements(twice)) {
    const name = commentOf(text, KEY_COMMENT);
    if (name !== undefined && named) throw aloneError(named.line);
    if (name !== undefined) named = { key: readKey(name, line), line };
    if (text.trim() === '' || text.startsWith('#')) continue;
    const [assignment] = Object.entries(parseEnv(text));
    if (!assignment) throw badFile(l10n.t('line {0} is not an assignment.', line));
    const [variable, value = ''] = assignment;
    entries.push({
      key: named?.key ?? new Uint8Array(Buffer.concat([header.prefix, Buffer.from(variable)])),
      value: new TextEncoder().encode(value),
    });
    named = undefined;
    if (entries.length < ENTRIES_AT_ONCE) continue;
    yield { entries };
    entries = [];
  }
  if (named) throw aloneError(named.line);
  yield { entries };
}

async function readHeader(chunks: AsyncIterable<Uint8Array>): Promise<FileHeader> {
  const found = new Map<string, string>();
  for await (const { text, line } of statements(chunks))
    for (const comment of [PREFIX_COMMENT, REVISION_COMMENT, CLUSTER_COMMENT]) {
      const value = commentOf(text, comment);
      if (value === undefined) continue;
      const before = found.get(comment) ?? value;
      if (before !== value) throw badFile(l10n.t('line {0} contradicts an earlier comment.', line));
      if (comment === PREFIX_COMMENT) readKey(value, line);
      found.set(comment, value);
    }
  const [prefix = '', revision = '', cluster] = [PREFIX_COMMENT, REVISION_COMMENT, CLUSTER_COMMENT].map((comment) =>
    found.get(comment),
  );
  return {
    prefix: parseKeyText(prefix),
    ...(/^\d{1,19}$/.test(revision) && { revision: BigInt(revision) }),
    ...(cluster !== undefined && { cluster }),
  };
}

function commentOf(text: string, start: string): string | undefined {
  return text.startsWith(start) ? text.slice(start.length).replace(/\r$/, '') : undefined;
}

/** Error for a comment without its assignment, as in a file whose lines were sorted or removed. */
function aloneError(line: number): Error {
  return badFile(l10n.t('line {0} names a key, and no assignment follows it.', line));
}

function readKey(text: string, line: number): Uint8Array {
  try {
    return parseKeyText(text);
  } catch (error) {
    throw badFile(l10n.t('line {0} names no key ({1}).', line, error instanceof Error ? error.message : ''), error);
  }
}

/** Yields statements: a line, or several if a quoted value continues. */
async function* statements(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let open: { readonly quote: string; readonly lines: string[]; readonly line: number } | undefined;
  let line = 0;
  let length = 0;
  for await (const text of linesOf(chunks)) {
    line++;
    if (open) {
      open.lines.push(text);
      length += text.length;
      if (length > MAX_ENTRY_CHARACTERS) throw entryTooLong();
      if (!text.includes(open.quote)) continue;
      yield { text: open.lines.join('\n'), line: open.line };
      open = undefined;
      continue;
    }
    const [, quoteMark, rest = ''] = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(["'`])([\s\S]*)$/.exec(text) ?? [];
    if (quoteMark === undefined || rest.includes(quoteMark)) yield { text, line };
    else {
      open = { quote: quoteMark, lines: [text], line };
      length = text.length;
    }
  }
  if (open) throw badFile(l10n.t('the quotation mark in line {0} is not closed.', open.line));
}

/**
 * Quotes a text in the one way that shells and dotenv readers understand alike; undefined if that cannot express it.
 */
function quote(text: string | undefined): string | undefined {
  if (text === undefined || /[\0\r]/.test(text)) return undefined;
  if (/^[\w./:@%+,=-]*$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return /["$`\\]/.test(text) ? undefined : `"${text}"`;
}
