import type { CopiedConnection, CopiedPassword, Copy } from './copy.ts';
import { copyAsGo } from './writeGo.ts';
import { curlV2, curlV3, environmentLines, etcdctlV2, etcdctlV3 } from './writeShell.ts';
import { connectionStrings } from './writeStrings.ts';

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
  /** A key or, with `prefix`, all keys that begin with it; all keys by default. */
  readonly key?: Uint8Array;
  readonly prefix?: boolean;
  /** Revision to read at, in the v3 formats that read keys. */
  readonly revision?: bigint | undefined;
}

export interface Copied {
  readonly text: string;
  /** Sentences about what the format cannot express. */
  readonly leftOut: readonly string[];
}

/**
 * Writes a connection, or a key of it, in another program's format. It contains a password only if `options` say so.
 */
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
