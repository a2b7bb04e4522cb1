// Usage: node scripts/bootstrap.mjs <script> [arguments]
// Runs scripts/<script>.ts on a fresh machine: gets the Node.js and the packages that it needs first. Itself it needs Node.js 20 and npm.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from './setup/cache.mjs';
import { npm } from './setup/command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The first version that runs TypeScript directly. */
const oldestNode = [22, 18];
const newNode = '24.21.0';

function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

async function ensureNode() {
  if (runsTypeScript(process.versions.node)) return process.execPath;
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  // As npm's package "node" does, whose install script picks one of these packages.
  const packageName = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;
  const folder = await cachedFolder(`node-${newNode}-${platform}`, async (temporary) => {
    process.stderr.write(`Getting Node.js ${newNode} (this one is ${process.versions.node}) ...\n`);
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    await npm(['install', '--prefix', '.', ...options, `${packageName}@${newNode}`], { cwd: temporary }).catch(
      (error) => {
        throw new Error(
          `Install Node.js ${oldestNode.join('.')} or newer; npm has none to fetch here: ${error.message}`,
        );
      },
    );
  });
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(folder, 'node_modules', packageName, 'bin', executable);
}

/**
 * Installs the packages of package-lock.json. A stamp inside node_modules, which `npm ci` removes first, says that this
 * is done.
 */
async function ensurePackages(node, env) {
  const lock = createHash('sha256').update(await readFile(join(root, 'package-lock.json')));
  const wanted = lock.update(`${process.platform}-${process.arch}`).digest('hex');
  const stamp = join(root, 'node_modules', '.installed-lock');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  process.stderr.write('Installing the packages of package-lock.json ...\n');
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, env, node });
  await writeFile(stamp, wanted);
}

/** Runs the script to its end, even after a signal, because it cleans up what it started. Resolves to the exit code. */
function runScript(node, script, args, env) {
  // Before Node.js 24, it warns that running TypeScript is experimental.
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the child by itself; a second signal would interrupt its clean-up.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

const [name, ...args] = process.argv.slice(2);
const script = join(root, 'scripts', `${name}.ts`);
try {
  if (name === undefined || !existsSync(script))
    throw new Error('usage: node scripts/bootstrap.mjs <script> [arguments]');
  const node = await ensureNode();
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  await ensurePackages(node, env);
  process.exitCode = await runScript(node, script, args, env);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
