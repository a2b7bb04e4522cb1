import type { CopiedConnection, CopiedPassword, Copy } from './copy.ts';
import { copyAsGo } from './goWriter.ts';
import { curlV2, curlV3, environmentLines, etcdctlV2, etcdctlV3 } from './shellWriter.ts';
import { connectionStrings } from './stringsWriter.ts';

export const COPY_FORMS = [
  'etcdctlV3',
  'etcdctlV2',
  'curlV3',
  'curlV2',
  'environment',
  'connectionStrings',
  'goV3',
  'goV2',
] as const;
export type CopyForm = (typeof COPY_FORMS)[number];

export interface CopyOptions {
  readonly password?: CopiedPassword;
  /** A key, or with `prefix` all keys that begin with it; all keys by default. */
  readonly key?: Uint8Array;
  readonly prefix?: boolean;
  /** Read as of this revision, in the forms of v3 that read keys. */
  readonly revision?: bigint | undefined;
}

export interface Copied {
  readonly text: string;
  /** What the form cannot express, as sentences. */
  readonly leftOut: readonly string[];
}

/** A connection, or a key of it, in another program's words. A password stands in it only as `options` say. */
export function copyAs(form: CopyForm, connection: CopiedConnection, options: CopyOptions = {}): Copied {
  const leftOut: string[] = [];
  const copy = {
    connection,
    password: options.password ?? { kind: 'variable' as const },
    key: options.key ?? new Uint8Array(),
    prefix: options.key === undefined || (options.prefix ?? false),
    revision: options.revision,
    leaveOut: (sentence: string) => void leftOut.push(sentence),
  };
  return { text: WRITERS[form](copy), leftOut };
}

const WRITERS: Readonly<Record<CopyForm, (copy: Copy) => string>> = {
  curlV2,
  curlV3,
  etcdctlV2,
  etcdctlV3,
  environment: environmentLines,
  connectionStrings,
  goV2: (copy) => copyAsGo(copy, 'v2'),
  goV3: (copy) => copyAsGo(copy, 'v3'),
};
