import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the owner may read or replace the file, because it decides which servers etcdctl trusts. */
const MODE = 0o600;
const FOLDER_MODE = 0o700;

/** A certificate in a file that exists as long as its terminal or this process. */
export class CertificateFile {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the file, and removes files of processes that have ended. @param folder created if it does not exist */
  static async create(folder: string, pem: string): Promise<CertificateFile> {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    for (const name of await readdir(folder)) if (!isAlive(name)) await rm(join(folder, name), { force: true });
    const path = join(folder, `${process.pid}-${randomUUID()}.crt`);
    await writeFile(path, pem, { mode: MODE, flag: 'wx' });
    process.once('exit', () => rmSync(path, { force: true }));
    return new CertificateFile(path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Whether the process in a file's name is still running. */
function isAlive(name: string): boolean {
  const [, pid = ''] = /^(\d+)-/.exec(name) ?? [];
  if (pid === '') return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}
