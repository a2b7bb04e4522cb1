import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { notices, NOTICES_FILE } from './notices/notices.ts';
import { isTableStale, TABLE_FILE, tableFile } from './kubernetes/tableFile.ts';

/**
 * Generates the messages from the schemas, the texts to translate from the code, the notices of bundled packages, and the
 * table of Kubernetes' kinds from its Go packages.
 */

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..');
const program = (name: string) => join(root, 'node_modules', '.bin', name);

const schemas = ['src/etcd/v3/transport/rpc', 'src/etcd/snapshotFile/stored'];
const products = [
  ...schemas.flatMap((name) => [`${name}_pb.js`, `${name}_pb.d.ts`]),
  'l10n/bundle.l10n.json',
  NOTICES_FILE,
];

async function generate(into: string): Promise<void> {
  const template = join(root, 'scripts', 'buf.gen.yaml');
  const options = { cwd: root };
  await execute(
    program('buf'),
    ['generate', '--template', template, ...schemas.flatMap((name) => ['--path', `${name}.proto`]), '-o', into],
    options,
  );
  await execute(program('vscode-l10n-dev'), ['export', '--outDir', join(into, 'l10n'), 'src'], options);
  await writeFile(join(into, NOTICES_FILE), await notices());
}

async function staleFiles(): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), 'etcd-generated-'));
  try {
    await generate(fresh);
    const same = await Promise.all(
      products.map(
        async (path) => (await readFile(join(fresh, path), 'utf8')) === (await readFile(join(root, path), 'utf8')),
      ),
    );
    const stale = products.filter((_, index) => !same[index]);
    return (await isTableStale(join(root, TABLE_FILE))) ? [...stale, TABLE_FILE] : stale;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) {
  const stale = await staleFiles();
  if (stale.length > 0) {
    console.error(`Not up to date: ${stale.join(', ')}. Run "npm run generate".`);
    process.exitCode = 1;
  }
} else {
  await generate(root);
  await writeFile(join(root, TABLE_FILE), await tableFile());
}
