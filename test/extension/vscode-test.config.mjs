import { join } from 'node:path';
import { defineConfig } from '@vscode/test-cli';

const root = join(import.meta.dirname, '..', '..');

export default defineConfig({
  files: process.env.TEST_FILES ?? '../../dist/test/*.test.cjs',
  extensionDevelopmentPath: root,
  useInstallation: { fromPath: join(root, 'scripts/host/testHost.ts') },
  mocha: { ui: 'bdd', timeout: 20_000, forbidOnly: true },
});
