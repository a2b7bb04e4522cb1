import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import type { EtcdSeries } from './etcdSeries.ts';
import { messageOf } from './progress.ts';

const downloadLimitMilliseconds = 300_000;

interface Release {
  readonly version: string;
  readonly sha256: string;
}

/** Releases with a known checksum, by `<series> <process.platform>-<process.arch>`; other platforms have none. */
const releases: Readonly<Record<string, Release>> = {
  '3.4 linux-x64': { version: '3.4.13', sha256: '2ac029e47bab752dacdb7b30032f230f49e2f457cbc32e8f555c2210bb5ff107' },
  '3.4 linux-arm64': { version: '3.4.13', sha256: '1934ebb9f9f6501f706111b78e5e321a7ff8d7792d3d96a76e2d01874e42a300' },
  '3.4 win32-x64': { version: '3.4.31', sha256: 'ba0018fa133766c3406e73cac8d699e9c133a515855910ab31c94af40b91cc7d' },
  '3.5 linux-x64': { version: '3.5.21', sha256: 'adddda4b06718e68671ffabff2f8cee48488ba61ad82900e639d108f2148501c' },
  '3.5 linux-arm64': { version: '3.5.21', sha256: '95bf6918623a097c0385b96f139d90248614485e781ec9bee4768dbb6c79c53f' },
  '3.5 darwin-x64': { version: '3.5.6', sha256: 'eb0bca1ef939c4abd1d73dc61ef7e019cdc5e97a38e2e99ad2aac34aeb8266ee' },
  '3.5 darwin-arm64': { version: '3.5.6', sha256: '5a70e3b323caa05e4c87f2669686d34c10c557ea59233e611acd6ee330877e79' },
  '3.5 win32-x64': { version: '3.5.21', sha256: '36fbf1ba0bff59a06ea994cac266fa855b2d06bc07ff0a2daf9a4b112b0afa24' },
  '3.5.30 linux-x64': { version: '3.5.30', sha256: 'a495115162845640be08c6cda069ff961260dbced53207c5a83b1b006ff2ea8e' },
  '3.5.30 linux-arm64': {
    version: '3.5.30',
    sha256: '4d19473d2567a58e1dbf556e0813b91d506666e58d23bfd5370660c67639eb5e',
  },
  '3.6 linux-x64': { version: '3.6.14', sha256: 'ffe840ff9295808e88cce2794a18a5ac87f12a5203c8314d0bf6aa119b41bac5' },
  '3.6 linux-arm64': { version: '3.6.14', sha256: 'fa1b80565ee6fc2df1ae6f57a508b221f3ecc7d591c317c581cd8281b0842b3e' },
};

/**
 * Downloads and unpacks etcd's official archive; resolves to the folder of its executables. Refuses any other content.
 */
export async function unpackEtcdRelease(series: EtcdSeries, work: string): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const release = releases[`${series} ${platform}`];
  if (!release) throw new Error(`no official archive of etcd ${series} for ${platform} has a checksum here`);
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = `etcd-v${release.version}-${system}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const archive = `${folder}${system === 'linux' ? '.tar.gz' : '.zip'}`;
  const address = `https://github.com/etcd-io/etcd/releases/download/v${release.version}/${archive}`;
  const response = await fetch(address, { signal: AbortSignal.timeout(downloadLimitMilliseconds) }).catch(
    (error: unknown) => {
      // The error itself only says "fetch failed".
      const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Error(`${address} cannot be reached (${messageOf(reason)})`, { cause: error });
    },
  );
  if (!response.ok) throw new Error(`${address} answered with status ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== release.sha256) throw new Error(`${archive} has the SHA-256 ${sha256}, not ${release.sha256}`);
  await writeFile(join(work, archive), content);
  // The tar of Windows and macOS also reads zip archives.
  await run('tar', ['-xf', archive], { cwd: work });
  return join(work, folder);
}
