import { readFile } from 'node:fs/promises';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { messageOf } from '../setup/progress.ts';
import { ensureKubernetesPackages } from '../setup/kubernetesPackages.ts';
import { kindsTable } from './kindsTable.ts';

/** Path of the table, from the project's root. */
export const TABLE_FILE = 'src/etcd/kubernetes/kindsTable.ts';

function fileOf(releases: string, table: string): string {
  return `/*!
 * Names, numbers and rules of the fields of Kubernetes' API types: facts from its Go sources, packed by "npm run generate".
 * Made from golang-k8s-api-dev ${releases} and the packages that go with it.
 * Copyright The Kubernetes Authors. Licensed under the Apache License, Version 2.0, http://www.apache.org/licenses/LICENSE-2.0;
 * distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 */

/** Base64 of the brotli of a text, whose form "scripts/kubernetes/kindsTable.ts" describes. */
export const KINDS_TABLE =
  '${brotliCompressSync(table).toString('base64')}';
`;
}

interface Parts {
  readonly releases: string | undefined;
  readonly table: string;
}

function partsOf(file: string): Parts {
  const packed = /KINDS_TABLE =\s+'([^']*)'/.exec(file)?.[1] ?? '';
  return {
    releases: /golang-k8s-api-dev (.+) and the packages/.exec(file)?.[1],
    table: packed === '' ? '' : brotliDecompressSync(Buffer.from(packed, 'base64')).toString(),
  };
}

/** Creates the file's text; rejects if this machine cannot get the packages. */
export async function tableFile(): Promise<string> {
  const packages = await ensureKubernetesPackages();
  return fileOf(`${packages.newest.version} and ${packages.older.version}`, await kindsTable(packages));
}

/**
 * Whether the committed table differs from what its packages yield. If the packages are not available, or Debian has
 * newer ones, this is unknown, and a line says so.
 */
export async function isTableStale(path: string): Promise<boolean> {
  let fresh: Parts;
  try {
    fresh = partsOf(await tableFile());
  } catch (error) {
    console.log(`The table of Kubernetes' kinds is not checked: ${messageOf(error).split('\n', 1)[0]}`);
    return false;
  }
  const committed = partsOf(await readFile(path, 'utf8'));
  if (committed.releases !== fresh.releases) {
    console.log(
      `The table of Kubernetes' kinds is of ${committed.releases}; "npm run generate" makes it of ${fresh.releases}.`,
    );
    return false;
  }
  // Another Node.js may compress the same text differently.
  return committed.table !== fresh.table;
}
