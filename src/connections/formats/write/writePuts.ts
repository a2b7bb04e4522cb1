import { t } from '@vscode/l10n';
import { keysText } from '../../../etcd/countText.ts';
import type { KeyValue } from '../../../etcd/keyStore.ts';
import { v2Path, type CopiedConnection, type CopiedPassword, type Copy } from './copy.ts';
import { goBytes, hereDocument, shellWord } from './quoting.ts';
import type { Copied } from './copyAs.ts';
import {
  base64,
  curlStart,
  environmentLines,
  etcdctlV2Start,
  etcdctlV3Start,
  v2Address,
  v3Address,
  withCertificate,
  withSignIn,
} from './writeShell.ts';

export const PUT_FORMS = ['etcdctlV3', 'curlV3', 'etcdctlV2', 'curlV2'] as const;
export type PutForm = (typeof PUT_FORMS)[number];

type Pair = Pick<KeyValue, 'key' | 'value' | 'lease' | 'ttl'>;

/** Longest argument in bytes; longer values go through standard input. Linux allows less than 128 KiB. */
const LONGEST_ARGUMENT = 100_000;

/**
 * Writes commands for a POSIX shell that write keys and values, byte by byte. They contain a password only if
 * `password` says so. Leases and times to live are left out.
 */
export function copyPuts(
  form: PutForm,
  connection: CopiedConnection,
  pairs: readonly Pair[],
  password: CopiedPassword = { kind: 'variable' },
): Copied {
  const leftOut = new Set<string>();
  const copy = {
    connection,
    password,
    key: new Uint8Array(),
    prefix: false,
    leaveOut: (sentence: string) => void leftOut.add(sentence),
  };
  if (pairs.some(({ lease = 0n, ttl }) => lease !== 0n || ttl !== undefined))
    copy.leaveOut(t('Leases and times to live are not copied.'));
  return { text: WRITERS[form](copy, pairs), leftOut: [...leftOut] };
}

const WRITERS: Readonly<Record<PutForm, (copy: Copy, pairs: readonly Pair[]) => string>> = {
  etcdctlV3: (copy, pairs) => etcdctl(copy, 'v3', pairs, putLine),
  etcdctlV2: (copy, pairs) => etcdctl(copy, 'v2', pairs, setLine(copy)),
  curlV3: (copy, pairs) =>
    withSignIn(copy, (header) =>
      pairs
        .map(({ key, value }) => {
          const body = JSON.stringify({ key: base64(key), value: base64(value) });
          return withBody([...curlStart(copy), ...header], body, v3Address(copy, 'kv/put'));
        })
        .join('\n'),
    ),
  curlV2: (copy, pairs) =>
    withCertificate(
      copy,
      textOnly(copy, pairs)
        .map(({ key, value }) => {
          const address = v2Address({ ...copy, key });
          return withBody([...curlStart(copy, 'v2'), '-X', 'PUT'], `value=${encodeURIComponent(utf8(value))}`, address);
        })
        .join('\n'),
    ),
};

/** Writes one command with its flags, or several commands after variables in place of the flags. */
function etcdctl(
  copy: Copy,
  api: 'v2' | 'v3',
  pairs: readonly Pair[],
  line: (etcdctl: string, pair: Pair) => string,
): string {
  const holdable = api === 'v2' ? textOnly(copy, pairs) : pairs;
  const [only, ...others] = holdable;
  const start = api === 'v2' ? etcdctlV2Start(copy) : etcdctlV3Start(copy);
  if (only && others.length === 0) return withCertificate(copy, line(start.join(' '), only));
  const variables = environmentLines({ ...copy, connection: { ...copy.connection, api } });
  // v2's etcdctl has no variable for this.
  const program = api === 'v2' && !copy.connection.sync ? 'etcdctl --no-sync' : 'etcdctl';
  return [variables, ...holdable.map((pair) => line(program, pair))].join('\n');
}

function putLine(program: string, { key, value }: Pair): string {
  // Arguments cannot contain a NUL; the language of etcdctl's transactions has escapes.
  if (key.includes(0))
    return `printf '%s\\n' '' ${shellWord(`put -- ${goBytes(key)} ${goBytes(value)}`)} '' '' | ${program} txn`;
  const name = argument(key);
  const content = isArgument(value) ? shellWord(utf8(value)) : undefined;
  const dashes = [key, value].some(([first]) => first === DASH) ? ' --' : '';
  return content === undefined
    ? `${printed(value)} | ${program} put${dashes} ${name}`
    : `${program} put${dashes} ${name} ${content}`;
}

/** Returns how to write a v2 `set`; a value that begins with a dash would be read as a flag. */
function setLine(copy: Copy): (program: string, pair: Pair) => string {
  return (program, { key, value }) => {
    const path = shellWord(v2Path({ ...copy, key }));
    return isArgument(value) && value[0] !== DASH
      ? `${program} set ${path} ${shellWord(utf8(value))}`
      : `${printed(value)} | ${program} set ${path}`;
  };
}

const DASH = '-'.charCodeAt(0);

/** Drops pairs that are not text, which v2 cannot store. */
function textOnly(copy: Copy, pairs: readonly Pair[]): readonly Pair[] {
  const texts = pairs.filter(({ key, value }) => isText(key) && isText(value) && !key.includes(0));
  if (texts.length < pairs.length)
    copy.leaveOut(t('Left out, because the v2 API holds only text: {0}.', keysText(pairs.length - texts.length)));
  return texts;
}

function withBody(command: readonly string[], body: string, address: string): string {
  if (body.length < LONGEST_ARGUMENT) return [...command, '-d', shellWord(body), address].join(' ');
  return `${[...command, '-d', '@-', address].join(' ')} ${hereDocument(body)}`;
}

/** Quotes bytes as an argument. A command substitution loses line feeds at its end, so they follow it. */
function argument(bytes: Uint8Array): string {
  if (isText(bytes)) return shellWord(utf8(bytes));
  const end = bytes.findLastIndex((byte) => byte !== LINE_FEED) + 1;
  const rest = '\n'.repeat(bytes.length - end);
  return `"$(${printed(bytes.subarray(0, end))})"${rest === '' ? '' : shellWord(rest)}`;
}

const LINE_FEED = 10;

/** Writes bytes with the shell's own `printf`, whose arguments have no limit. */
function printed(bytes: Uint8Array): string {
  if (isText(bytes) && !bytes.includes(0)) return `printf %s ${shellWord(utf8(bytes))}`;
  const format = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w/.:, =+-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  // A format that begins with a dash would be an option.
  return `printf '${format.join('').replace(/^-/, '\\055')}'`;
}

function isArgument(bytes: Uint8Array): boolean {
  return isText(bytes) && !bytes.includes(0) && bytes.length < LONGEST_ARGUMENT;
}

function isText(bytes: Uint8Array): boolean {
  return Buffer.compare(Buffer.from(utf8(bytes)), bytes) === 0;
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
