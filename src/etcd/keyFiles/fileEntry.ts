import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import type { KeyValue } from '../keyStore.ts';

/** A key in a file: its value, and the facts about it if the file has them. */
export interface FileEntry extends Pick<KeyValue, 'key' | 'value'>, Partial<Omit<KeyValue, 'key' | 'value'>> {
  /** The value as YAML, written beside it for people. Never read back: the value alone decides. */
  readonly yaml?: string;
}

/** Name of a member that only people read. */
export const FOR_READING = 'forReading';

/** What a file says about all its keys. */
export interface FileHeader {
  /** Prefix of all keys, which an import may replace by another one. */
  readonly prefix: Uint8Array;
  /** Revision that all keys were read at, if the store has one. */
  readonly revision?: bigint;
  /** Cluster that this revision belongs to, as hexadecimal digits. */
  readonly cluster?: string;
  /** In a folder of files: the separators, which folder names leave out at the end of a key's segment. */
  readonly separators?: readonly Uint8Array[];
}

/** Writes keys to one text file, piece by piece; call the methods in this order. */
export interface KeyFileWriter {
  begin(header: FileHeader): string;
  entry(entry: FileEntry): string;
  end(): string;
  /** Number of keys so far that this format cannot hold. */
  readonly leftOut: number;
}

/** A part of a file; the header precedes all keys. */
export type FilePart = { readonly header: FileHeader } | { readonly entries: readonly FileEntry[] };

/** Reads a file's bytes as they arrive. @throws EtcdError `unsupported` that says what is wrong with the file */
export type KeyFileReader = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<FilePart>;

/** Limit of a key with its value in a file, in bytes or characters. etcd accepts 1.5 MB unless configured otherwise. */
export const MAX_ENTRY_CHARACTERS = 64 * 1024 * 1024;

export const FORMAT_NAME = 'etcd-keys';

/** Error for a key in a file beyond `MAX_ENTRY_CHARACTERS`. */
export function entryTooLong(): EtcdError {
  return badFile(l10n.t('a key and its value take more than {0} MB.', MAX_ENTRY_CHARACTERS / (1024 * 1024)));
}

export function badFile(sentence: string, cause?: unknown): EtcdError {
  return new EtcdError('unsupported', l10n.t('This file cannot be imported: {0}', sentence), { cause });
}
