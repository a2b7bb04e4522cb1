import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, cachedFolderIfThere } from './cache.mjs';
import { attempt, findOnPath } from './command.mjs';
import { unpackDebianPackages } from './debianPackages.ts';
import type { DebianSuite } from './debianPackages.ts';
import { unpackEtcdRelease } from './etcdRelease.ts';
import type { EtcdSeries } from './etcdSeries.ts';
import { messageOf, progressToStderr } from './progress.ts';
import type { Progress } from './progress.ts';

/** Paths of the two executables and their exact version. */
export interface EtcdPrograms {
  readonly etcd: string;
  readonly etcdctl: string;
  readonly version: string;
}

interface Source {
  readonly description: string;
  readonly cacheName: string;
  /** Unpacks etcd and resolves to the folder with the executables, somewhere in `work`. */
  unpack(work: string): Promise<string>;
}

const executableSuffix = process.platform === 'win32' ? '.exe' : '';
const suiteOf: Readonly<Partial<Record<EtcdSeries, DebianSuite>>> = {
  '3.4': 'bookworm',
  '3.5': 'trixie',
  '3.5.30': 'sid',
};
/** The first release that knows `--unsafe-no-fsync`, without which a test suite waits for the disk. */
const oldest = [3, 4, 10] as const;

function debianSource(series: EtcdSeries, suite: DebianSuite): Source {
  return {
    description: `etcd ${series} from Debian ${suite}`,
    cacheName: `etcd-${series}-debian-${process.arch}-1`,
    async unpack(work) {
      const target = join(work, 'unpacked');
      await unpackDebianPackages(suite, ['etcd-server', 'etcd-client'], target, work);
      return join(target, 'usr', 'bin');
    },
  };
}

function sourcesOf(series: EtcdSeries): Source[] {
  const suite = suiteOf[series];
  return [
    ...(suite ? [debianSource(series, suite)] : []),
    {
      description: `etcd ${series} from its official release`,
      cacheName: `etcd-${series}-release-${process.platform}-${process.arch}-1`,
      unpack: (work) => unpackEtcdRelease(series, work),
    },
  ];
}

async function versionOf(etcd: string): Promise<string> {
  const { code, stdout, stderr } = await attempt(etcd, ['--version']);
  const version = /etcd Version: (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) throw new Error(`${etcd} does not run here: ${stderr.trim()}`);
  return version;
}

function fits(version: string, wanted: EtcdSeries | 'any'): boolean {
  const [major, minor, patch = '0'] = wanted.split('.');
  if (wanted !== 'any' && !version.startsWith(`${major}.${minor}.`)) return false;
  return (
    isAtLeast(version, oldest) &&
    (wanted === 'any' || isAtLeast(version, [Number(major), Number(minor), Number(patch)]))
  );
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const difference = least.map((part, index) => (parts[index] ?? 0) - part).find((part) => part !== 0);
  return (difference ?? 0) >= 0;
}

async function programsIn(folder: string): Promise<EtcdPrograms> {
  const etcd = join(folder, `etcd${executableSuffix}`);
  return { etcd, etcdctl: join(folder, `etcdctl${executableSuffix}`), version: await versionOf(etcd) };
}

/** Returns the programs of a folder that the developer names in a variable such as ETCD_3_6. */
async function programsNamed(series: EtcdSeries): Promise<EtcdPrograms | undefined> {
  const variable = `ETCD_${series.replaceAll('.', '_')}`;
  const folder = process.env[variable];
  if (folder === undefined) return undefined;
  const programs = await programsIn(folder);
  if (!fits(programs.version, series)) throw new Error(`the etcd in ${variable} is version ${programs.version}`);
  return programs;
}

async function programsOnPath(wanted: EtcdSeries | 'any'): Promise<EtcdPrograms> {
  const etcd = findOnPath('etcd');
  const etcdctl = findOnPath('etcdctl');
  if (!etcd || !etcdctl) throw new Error('there is no etcd and etcdctl on PATH');
  const version = await versionOf(etcd);
  if (!fits(version, wanted)) throw new Error(`the etcd on PATH is version ${version}`);
  return { etcd, etcdctl, version };
}

async function install(source: Source, series: EtcdSeries): Promise<EtcdPrograms> {
  const folder = await cachedFolder(source.cacheName, async (temporary) => {
    const work = join(temporary, 'work');
    await mkdir(work);
    const unpacked = await source.unpack(work);
    for (const name of [`etcd${executableSuffix}`, `etcdctl${executableSuffix}`]) {
      await copyFile(join(unpacked, name), join(temporary, name));
    }
    await rm(work, { recursive: true });
    // A package for a newer system unpacks well but does not run. This finds out, so that the next source is tried.
    const { version } = await programsIn(temporary);
    if (!fits(version, series)) throw new Error(`it is version ${version}`);
  });
  return programsIn(folder);
}

/**
 * Finds the programs `etcd` and `etcdctl` of a series, or of any: in the folder that ETCD_3_4, ETCD_3_6 and so on name,
 * on PATH, from an earlier call, from Debian's packages, or from etcd's official release. Rejects with one sentence
 * that says why no source worked.
 */
export async function ensureEtcd(
  wanted: EtcdSeries | 'any' = 'any',
  progress: Progress = progressToStderr,
): Promise<EtcdPrograms> {
  const failures: string[] = [];
  const named = wanted === 'any' ? undefined : await programsNamed(wanted);
  if (named) return named;
  try {
    return await programsOnPath(wanted);
  } catch (error) {
    failures.push(messageOf(error));
  }
  const serieses: readonly EtcdSeries[] = wanted === 'any' ? ['3.5', '3.4'] : [wanted];
  const sources = serieses.flatMap((series) => sourcesOf(series).map((source) => ({ source, series })));
  for (const {
    source: { cacheName },
  } of sources) {
    const folder = cachedFolderIfThere(cacheName);
    if (folder !== undefined) return programsIn(folder);
  }
  for (const { source, series } of sources) {
    progress(`Getting ${source.description} ...`);
    try {
      return await install(source, series);
    } catch (error) {
      failures.push(`${source.description}: ${messageOf(error)}`);
    }
  }
  throw new Error(`etcd${wanted === 'any' ? '' : ` ${wanted}`} is not to be had: ${failures.join('; ')}.`);
}
