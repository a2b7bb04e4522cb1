import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Makes what is generated from other files: the messages from the schema, the texts to translate from the code. */

const execute = promisify(execFile);
const root = join(import.meta.dirname, '..');
const program = (name: string) => join(root, 'node_modules', '.bin', name);

const products = ['src/etcd/v3/rpc_pb.js', 'src/etcd/v3/rpc_pb.d.ts', 'l10n/bundle.l10n.json'];

async function generate(into: string): Promise<void> {
  const template = join(root, 'scripts', 'buf.gen.yaml');
  const options = { cwd: root };
  await execute(
    program('buf'),
    ['generate', '--template', template, '--path', 'src/etcd/v3/rpc.proto', '-o', into],
    options,
  );
  await execute(program('vscode-l10n-dev'), ['export', '--outDir', join(into, 'l10n'), 'src'], options);
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
    return products.filter((_, index) => !same[index]);
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
} else await generate(root);
