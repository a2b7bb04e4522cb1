import { parseEnv } from 'node:util';
import * as l10n from '@vscode/l10n';
import { keyText, parseKeyText } from '../keyspace/keyText.ts';
import { asText, badFile, type FileEntry, type FileHeader, type FilePart, type KeyFileWriter } from './fileEntry.ts';
import { linesOf } from './lines.ts';

const KEY_COMMENT = '# key: ';
const PREFIX_COMMENT = '# prefix: ';
const REVISION_COMMENT = '# revision: ';
const CLUSTER_COMMENT = '# cluster: ';
const ENTRIES_AT_ONCE = 500;

/**
 * Writes `NAME='value'` lines that shells and dotenv readers take alike, with the key as a comment above each. A value that
 * is no UTF-8 text, or that has no such form, is left out and said in a comment.
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

/** Reads assignments; one without a comment that tells its key is a key of its own name below the prefix. See `KeyFileReader`. */
export async function* readEnvFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FilePart> {
  let header: FileHeader = { prefix: new Uint8Array() };
  let hasHeader = false;
  let key: Uint8Array | undefined;
  let entries: FileEntry[] = [];
  for await (const { text, line } of statements(chunks)) {
    const comment = (start: string) =>
      text.startsWith(start) ? text.slice(start.length).replace(/\r$/, '') : undefined;
    if (!hasHeader) header = withHeaderLine(header, comment);
    const named = comment(KEY_COMMENT);
    if (named !== undefined) key = readKey(named, line);
    if (text.trim() === '' || text.startsWith('#')) continue;
    const [assignment] = Object.entries(parseEnv(text));
    if (!assignment) throw badFile(l10n.t('line {0} is no assignment.', line));
    const [name, value = ''] = assignment;
    if (!hasHeader) yield { header };
    hasHeader = true;
    entries.push({
      key: key ?? new Uint8Array(Buffer.concat([header.prefix, Buffer.from(name)])),
      value: new TextEncoder().encode(value),
    });
    key = undefined;
    if (entries.length < ENTRIES_AT_ONCE) continue;
    yield { entries };
    entries = [];
  }
  if (!hasHeader) yield { header };
  yield { entries };
}

function withHeaderLine(header: FileHeader, comment: (start: string) => string | undefined): FileHeader {
  const [prefix, revision, cluster] = [comment(PREFIX_COMMENT), comment(REVISION_COMMENT), comment(CLUSTER_COMMENT)];
  if (prefix !== undefined) return { ...header, prefix: readKey(prefix, 1) };
  if (revision !== undefined && /^\d{1,19}$/.test(revision)) return { ...header, revision: BigInt(revision) };
  return cluster === undefined ? header : { ...header, cluster };
}

function readKey(text: string, line: number): Uint8Array {
  try {
    return parseKeyText(text);
  } catch (error) {
    throw badFile(l10n.t('line {0} names no key ({1}).', line, error instanceof Error ? error.message : ''), error);
  }
}

/** Lines; several where a quoted value goes on. */
async function* statements(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let open: { readonly quote: string; readonly lines: string[]; readonly line: number } | undefined;
  let line = 0;
  for await (const text of linesOf(chunks)) {
    line++;
    if (open) {
      open.lines.push(text);
      if (!text.includes(open.quote)) continue;
      yield { text: open.lines.join('\n'), line: open.line };
      open = undefined;
      continue;
    }
    const [, quoteMark, rest = ''] = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(["'`])([\s\S]*)$/.exec(text) ?? [];
    if (quoteMark === undefined || rest.includes(quoteMark)) yield { text, line };
    else open = { quote: quoteMark, lines: [text], line };
  }
  if (open) throw badFile(l10n.t('the quotation mark in line {0} is never closed.', open.line));
}

/** In the one form that shells and dotenv readers understand alike, if there is one. */
function quote(text: string | undefined): string | undefined {
  if (text === undefined || /[\0\r]/.test(text)) return undefined;
  if (/^[\w./:@%+,=-]*$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return /["$`\\]/.test(text) ? undefined : `"${text}"`;
}
