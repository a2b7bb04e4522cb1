import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CertificateFile } from '../../../src/commands/terminal/certificateFile.ts';

/** No process has it: Linux gives out lower ones only. */
const NO_PROCESS = 2 ** 22 + 1;

describe('the certificate file of a terminal', () => {
  let folder: string;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'etcd-terminals-')), 'terminals');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

  it('is for its owner alone, and goes with its terminal', async () => {
    const file = await CertificateFile.create(folder, 'certificate');
    assert.equal(await readFile(file.path, 'utf8'), 'certificate');
    assert.equal((await stat(file.path)).mode & 0o777, 0o600);
    await file.remove();
    assert.deepEqual(await readdir(folder), []);
  });

  it('takes along what a process left that has ended, and nothing of others', async () => {
    const mine = await CertificateFile.create(folder, 'one');
    await writeFile(join(folder, `${NO_PROCESS}-left.crt`), 'left');
    const other = await CertificateFile.create(folder, 'other');
    assert.deepEqual((await readdir(folder)).toSorted(), [basename(mine.path), basename(other.path)].toSorted());
    await Promise.all([mine.remove(), other.remove()]);
  });
});
