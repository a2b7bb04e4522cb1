import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');

describe('the package', () => {
  it('has the same bytes each time that it is made from the same sources', async function () {
    this.timeout('2m');
    const folder = await mkdtemp(join(tmpdir(), 'etcd-package-'));
    try {
      const hashes: string[] = [];
      for (const name of ['first.vsix', 'second.vsix']) {
        const file = join(folder, name);
        await execute(process.execPath, [join(root, 'scripts', 'package.ts'), '--out', file], { cwd: root });
        hashes.push(
          createHash('sha256')
            .update(await readFile(file))
            .digest('hex'),
        );
      }
      assert.equal(hashes[0], hashes[1]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
