import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cache.mjs';
import { attempt, findOnPath } from './command.mjs';
import { unpackDebianPackages } from './debianPackages.ts';
import { messageOf, progressToStderr, type Progress } from './progress.ts';

/** A server of OpenSSH, and the client's programs. */
export interface SshPrograms {
  readonly sshd: string;
  readonly ssh: string;
  readonly keygen: string;
  /** Folder of libraries that the server needs and the machine may lack. */
  readonly libraries?: string;
}

async function serverProblem(sshd: string, libraries = ''): Promise<string | undefined> {
  // Older servers know no option for their version, but print it with what they do know.
  const { stderr } = await attempt(sshd, ['-V'], { env: { LD_LIBRARY_PATH: libraries } });
  return stderr.includes('OpenSSH_') ? undefined : stderr.trim().split('\n').at(-1);
}

async function packagedServer(progress: Progress): Promise<Pick<SshPrograms, 'sshd' | 'libraries'>> {
  const folder = await cachedFolder('sshd-debian-1', async (temporary) => {
    progress('Getting the OpenSSH server from Debian ...');
    const work = join(temporary, 'work');
    const unpacked = join(work, 'unpacked');
    await mkdir(work);
    // Later servers consist of several programs with fixed places.
    await unpackDebianPackages('bookworm', ['openssh-server', 'libwrap0'], unpacked, work);
    await cp(join(unpacked, 'usr', 'sbin', 'sshd'), join(temporary, 'sshd'));
    await cp(join(unpacked, 'usr', 'lib'), join(temporary, 'lib'), { recursive: true, verbatimSymlinks: true });
    await rm(work, { recursive: true });
  });
  const architecture = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const libraries = join(folder, 'lib', architecture);
  const sshd = join(folder, 'sshd');
  const problem = await serverProblem(sshd, libraries);
  if (problem !== undefined) throw new Error(`${sshd} does not start: ${problem}`);
  return { sshd, libraries };
}

/** Finds OpenSSH: the machine's own, with a server from Debian if it has none. Rejects if there is none. */
export async function ensureSshPrograms(progress: Progress = progressToStderr): Promise<SshPrograms> {
  const [ssh, keygen] = ['ssh', 'ssh-keygen'].map(findOnPath);
  if (process.platform === 'win32' || ssh === undefined || keygen === undefined)
    throw new Error('This machine has no OpenSSH client for the tests.');
  const own = ['/usr/sbin/sshd', findOnPath('sshd')].find((path) => path !== undefined && existsSync(path));
  if (own !== undefined && (await serverProblem(own)) === undefined) return { sshd: own, ssh, keygen };
  try {
    return { ...(await packagedServer(progress)), ssh, keygen };
  } catch (error) {
    throw new Error(`No OpenSSH server: install openssh-server, since ${messageOf(error)}.`, { cause: error });
  }
}
