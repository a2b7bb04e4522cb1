import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cache.mjs';
import { unpackDebianPackages } from './debianPackages.ts';
import type { DebianSuite } from './debianPackages.ts';
import { progressToStderr, type Progress } from './progress.ts';

/** A release of Kubernetes' Go packages. */
export interface KubernetesRelease {
  /** Debian's version of `golang-k8s-api-dev`. */
  readonly version: string;
  /** The folder with `api`, `apimachinery` and perhaps `apiextensions-apiserver`. */
  readonly folder: string;
}

export interface KubernetesPackages {
  readonly newest: KubernetesRelease;
  /** A release with messages that newer ones do not have. */
  readonly older: KubernetesRelease;
}

const apiPackage = 'golang-k8s-api-dev';
const packages: Readonly<Record<'sid' | 'trixie', readonly string[]>> = {
  sid: [apiPackage, 'golang-k8s-apimachinery-dev', 'golang-k8s-apiextensions-apiserver-dev'],
  trixie: [apiPackage, 'golang-k8s-apimachinery-dev'],
};
const sources = ['usr', 'share', 'gocode', 'src', 'k8s.io'];

async function unpack(suite: DebianSuite & keyof typeof packages, target: string): Promise<void> {
  const work = `${target}.work`;
  const unpacked = join(work, 'unpacked');
  await mkdir(work);
  await unpackDebianPackages(suite, packages[suite], unpacked, work);
  const archive = (await readdir(work)).find((name) => name.startsWith(`${apiPackage}_`));
  const version = archive?.split('_')[1];
  if (version === undefined) throw new Error(`apt-get downloaded no ${apiPackage}`);
  await cp(join(unpacked, ...sources), target, { recursive: true });
  await writeFile(join(target, 'version'), version);
  await rm(work, { recursive: true });
}

async function release(folder: string): Promise<KubernetesRelease> {
  return { version: await readFile(join(folder, 'version'), 'utf8'), folder };
}

/**
 * Gets the Go packages with the types of Kubernetes: from an earlier call, or from Debian. Rejects if this machine
 * cannot get them.
 */
export async function ensureKubernetesPackages(progress: Progress = progressToStderr): Promise<KubernetesPackages> {
  const folder = await cachedFolder('kubernetes-debian-1', async (temporary) => {
    progress("Getting Kubernetes' types from Debian ...");
    await unpack('sid', join(temporary, 'newest'));
    await unpack('trixie', join(temporary, 'older'));
  });
  return { newest: await release(join(folder, 'newest')), older: await release(join(folder, 'older')) };
}
