import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

export const NOTICES_FILE = 'THIRD_PARTY_NOTICES.txt';

const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENSE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const RULE = '-'.repeat(80);

const HEAD = `Third-party notices

The extension contains the packages below. "npm run generate" makes this list from the bundle and the lock file.
`;

const KUBERNETES = `${RULE}
Field table of Kubernetes API types

Names, numbers and rules of fields, taken from the Go sources of k8s.io/api, k8s.io/apimachinery and
k8s.io/apiextensions-apiserver. Copyright The Kubernetes Authors. License: Apache-2.0 (its text is at the end).
`;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository?: string | { readonly url: string };
}

/**
 * Returns the notices of everything that is bundled: name, version, license and source of each package, and its license
 * files.
 * @throws Error if a package is not in the lock file, has another version there, or names no license
 */
export async function notices(): Promise<string> {
  const locked = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const parts: string[] = [];
  for (const name of await bundledPackages()) {
    const manifest = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')) as Manifest;
    if (locked.packages[`node_modules/${name}`]?.version !== manifest.version)
      throw new Error(`${name} ${manifest.version} is not the locked version: run "npm ci".`);
    if (!manifest.license) throw new Error(`${name} names no license: look it up before it is bundled.`);
    parts.push([RULE, headOf(manifest), '', ...(await licenseTexts(name))].join('\n'));
  }
  // Packages under this license may leave its text out of their files.
  const apache = await readFile(join(root, 'node_modules', 'typescript', 'LICENSE'), 'utf8');
  return `${[HEAD, ...parts, KUBERNETES, `${RULE}\n${apache.trim()}`].join('\n')}\n`.replaceAll('\r\n', '\n');
}

/** Returns the sorted names of the packages with files in the bundle. */
async function bundledPackages(): Promise<string[]> {
  const { stdout } = await execute(process.execPath, [join(root, 'esbuild.mjs'), '--production', '--inputs'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  });
  const names = stdout.split('\n').flatMap((path) => PACKAGE.exec(path)?.[1] ?? []);
  return [...new Set(names)].toSorted();
}

function headOf({ name, version, license, repository }: Manifest): string {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return [`${name} ${version}`, `License: ${license}`, ...(url === undefined ? [] : [url])].join('\n');
}

async function licenseTexts(name: string): Promise<string[]> {
  const folder = join(root, 'node_modules', name);
  const files = (await readdir(folder)).filter((file) => LICENSE.test(file)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map((text) => `${text.trim()}\n`);
}
