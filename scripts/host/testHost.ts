#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// Takes VS Code's own command line and runs extension tests in VS Code's server with a headless browser, for `@vscode/test-cli`:
// `useInstallation: { fromPath: 'scripts/host/testHost.ts' }`. VSCODE_TEST_VERSION names the VS Code version.
import { statSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isVsCodeVersion, newestVsCode } from '../setup/vscodeServer.ts';
import type { VsCodeVersion } from '../setup/vscodeServer.ts';
import { messageOf } from '../setup/progress.ts';
import { runExtensionTests } from './extensionTests.ts';

function wantedVersion(): VsCodeVersion {
  const wanted = process.env['VSCODE_TEST_VERSION'] ?? newestVsCode;
  if (!isVsCodeVersion(wanted)) throw new Error(`VSCODE_TEST_VERSION is ${wanted}: there is no such VS Code here`);
  return wanted;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    // VS Code's many other options mean nothing to a server.
    strict: false,
    allowPositionals: true,
    options: {
      extensionDevelopmentPath: { type: 'string', multiple: true },
      extensionTestsPath: { type: 'string' },
    },
  });
  const developmentPaths = (values.extensionDevelopmentPath ?? []).map((path) => resolve(String(path)));
  if (developmentPaths.length === 0 || typeof values.extensionTestsPath !== 'string') {
    throw new Error('--extensionDevelopmentPath and --extensionTestsPath are needed');
  }
  const workspaceFolder = positionals.find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  return runExtensionTests({
    version: wantedVersion(),
    developmentPaths,
    testsPath: resolve(values.extensionTestsPath),
    ...(workspaceFolder === undefined ? {} : { workspaceFolder: resolve(workspaceFolder) }),
  });
}

// Ends the run if the process that started this one was killed, which closes the pipe.
if (process.stdin instanceof Socket && !process.stdin.isTTY) {
  process.stdin.once('close', () => process.exit(1));
  process.stdin.resume();
  process.stdin.unref();
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
