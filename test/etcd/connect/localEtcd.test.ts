import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts } from '../../../scripts/setup/ports.ts';
import { findProgram, listensLocally } from '../../../src/etcd/connect/localEtcd.ts';
import { startEtcd } from '../../fixtures/etcdServer.ts';

describe('an etcd on this machine', () => {
  it('is noticed while it runs', async () => {
    const server = await startEtcd();
    try {
      assert.equal(await listensLocally(server.port), true);
    } finally {
      await server.stop();
    }
    assert.equal(await listensLocally(server.port), false);
  });

  it('is not noticed where nothing listens', async () => {
    const [port = 0] = await freePorts(1);
    assert.equal(await listensLocally(port), false);
  });

  it('is found on PATH if it can be run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-path-'));
    try {
      const path = `${join(folder, 'missing')}${delimiter}${delimiter}${folder}`;
      assert.equal(await findProgram('etcd', path), undefined);
      const program = join(folder, process.platform === 'win32' ? 'etcd.exe' : 'etcd');
      await writeFile(program, '');
      if (process.platform !== 'win32') assert.equal(await findProgram('etcd', path), undefined);
      await chmod(program, 0o755);
      assert.equal(await findProgram('etcd', path), program);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
