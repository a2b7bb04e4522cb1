import { isUtf8 } from 'node:buffer';
import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { KeyValue } from '../keyStore.ts';

/** A key as a file holds it: its value, and where the file was written with them the facts about it. */
export interface FileEntry extends Pick<KeyValue, 'key' | 'value'>, Partial<Omit<KeyValue, 'key' | 'value'>> {}

/** What a file says of all its keys. */
export interface FileHeader {
  /** All keys begin with this, and an import may put another prefix in its place. */
  readonly prefix: Uint8Array;
  /** The revision that all keys were read at, where the store had one. */
  readonly revision?: bigint;
  /** The cluster that this revision belongs to, as hexadecimal digits. */
  readonly cluster?: string;
  /** Of a folder of files: what its folders' names leave out at the end of a key's segment. */
  readonly separators?: readonly Uint8Array[];
}

/** How keys are written to one text file: piece by piece, in the order of these methods. */
export interface KeyFileWriter {
  begin(header: FileHeader): string;
  entry(entry: FileEntry): string;
  end(): string;
  /** Keys that this form cannot hold, so far. */
  readonly leftOut: number;
}

/** A part of a file: its header comes first, before any key. */
export type FilePart = { readonly header: FileHeader } | { readonly entries: readonly FileEntry[] };

/** Reads a file's bytes as they come. @throws EtcdError `unsupported` that says what is wrong with the file */
export type KeyFileReader = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<FilePart>;

export const FORMAT_NAME = 'etcd-keys';

/** Bytes as the text that they are the UTF-8 of; undefined where they are none. */
export function asText(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : undefined;
}

export function badFile(sentence: string, cause?: unknown): EtcdError {
  return new EtcdError('unsupported', l10n.t('This file cannot be imported: {0}', sentence), { cause });
}
