import * as l10n from '@vscode/l10n';
import { leaseText } from '../leaseText.ts';
import { badFile, type FileEntry, type FileHeader } from './fileEntry.ts';

/**
 * Names of the facts about a key in JSON and YAML files. 64-bit numbers are texts, because JSON's numbers are not
 * exact.
 */
export interface Facts {
  readonly createRevision?: string;
  readonly modRevision?: string;
  readonly version?: string;
  /** 16 hexadecimal digits. */
  readonly lease?: string;
  /** Seconds. */
  readonly ttl?: number;
}

export function factsOf({ createRevision, modRevision, version, lease = 0n, ttl }: FileEntry): Facts {
  return {
    ...(createRevision !== undefined && { createRevision: String(createRevision) }),
    ...(modRevision !== undefined && { modRevision: String(modRevision) }),
    ...(version !== undefined && { version: String(version) }),
    ...(lease !== 0n && { lease: leaseText(lease) }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** Reads the facts in a record of a file, which anyone may have written. @throws EtcdError `unsupported` */
export function readFacts(record: Readonly<Record<string, unknown>>): Partial<FileEntry> {
  const { createRevision, modRevision, version, lease, ttl } = record;
  return {
    ...(createRevision !== undefined && { createRevision: wholeNumber('createRevision', createRevision) }),
    ...(modRevision !== undefined && { modRevision: wholeNumber('modRevision', modRevision) }),
    ...(version !== undefined && { version: wholeNumber('version', version) }),
    ...(lease !== undefined && { lease: wholeNumber('lease', `0x${textOf(lease)}`) }),
    ...(ttl !== undefined && { ttl: Number(wholeNumber('ttl', ttl)) }),
  };
}

/** @throws EtcdError `unsupported` */
export function readHeader(record: Readonly<Record<string, unknown>>, prefix: Uint8Array): FileHeader {
  const { revision, cluster } = record;
  return {
    prefix,
    ...(revision !== undefined && { revision: wholeNumber('revision', revision) }),
    ...(typeof cluster === 'string' && { cluster }),
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws EtcdError `unsupported` */
export function wholeNumber(name: string, value: unknown): bigint {
  const text = textOf(value);
  if (/^(?:\d{1,19}|0x[\da-f]{1,16})$/i.test(text)) return BigInt(text);
  throw badFile(l10n.t('its "{0}" is not a whole number.', name));
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
