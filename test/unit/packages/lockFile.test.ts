import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lockProblems } from '../../../scripts/checks/lockProblems.ts';

const execute = promisify(execFile);

interface Lock {
  packages: Record<string, { version?: string; integrity?: string | undefined; [other: string]: unknown }>;
}

async function ourLock(): Promise<Lock> {
  return JSON.parse(await readFile(join(import.meta.dirname, '../../../package-lock.json'), 'utf8')) as Lock;
}

/** Starts a registry that answers every request with these bytes. */
async function forgedRegistry(name: string, version: string, tarball: Buffer) {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) return void response.end(tarball);
    const { port } = server.address() as AddressInfo;
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const manifest = { name, version, dist: { tarball: `http://127.0.0.1:${port}/p.tgz`, integrity } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

describe('package-lock.json', () => {
  it('has a hash for every package and no address', async () => {
    assert.deepEqual(lockProblems(JSON.stringify(await ourLock())), []);
  });

  it('is refused if a hash is missing, weak, or one of several', async () => {
    const lock = await ourLock();
    const got = lock.packages['node_modules/got'];
    assert.ok(got?.integrity);
    const { integrity } = got;
    for (const wrong of [undefined, '', `sha1-${'A'.repeat(27)}=`, `${integrity} sha512-${'A'.repeat(86)}==`]) {
      lock.packages['node_modules/got'] = { ...got, integrity: wrong };
      const problems = lockProblems(JSON.stringify(lock));
      assert.equal(problems.length, 1, String(wrong));
      assert.match(problems[0] ?? '', /node_modules\/got has no SHA-512 hash.*npm view got@/);
    }
  });

  it('is refused if an entry names an address', async () => {
    const lock = await ourLock();
    lock.packages['node_modules/got'] = { ...lock.packages['node_modules/got'], resolved: 'https://a.example/got.tgz' };
    assert.match(lockProblems(JSON.stringify(lock)).join(), /node_modules\/got names an address/);
  });

  for (const name of ['got', 'esbuild'])
    it(`makes npm ci refuse other bytes for ${name}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'etcd-lock-'));
      const entry = (await ourLock()).packages[`node_modules/${name}`];
      assert.ok(entry?.version);
      const { version, dependencies: _, optionalDependencies: __, ...alone } = entry;
      await mkdir(join(folder, 'package'));
      await mkdir(join(folder, 'project'));
      await writeFile(join(folder, 'package', 'package.json'), JSON.stringify({ name, version }));
      await writeFile(join(folder, 'package', 'index.js'), '// other bytes');
      await execute('tar', ['-czf', join(folder, 'p.tgz'), '-C', folder, 'package']);
      const registry = await forgedRegistry(name, version, await readFile(join(folder, 'p.tgz')));
      try {
        const project = { name: 'x', version: '1.0.0', devDependencies: { [name]: version } };
        await writeFile(join(folder, 'project', 'package.json'), JSON.stringify(project));
        await writeFile(
          join(folder, 'project', 'package-lock.json'),
          JSON.stringify({
            ...project,
            lockfileVersion: 3,
            requires: true,
            packages: { '': project, [`node_modules/${name}`]: { version, ...alone } },
          }),
        );
        const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries', '0'];
        await assert.rejects(
          execute('npm', ['ci', ...options, '--registry', registry.url, '--cache', join(folder, 'cache')], {
            cwd: join(folder, 'project'),
          }),
          /EINTEGRITY/,
        );
      } finally {
        registry.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
});
