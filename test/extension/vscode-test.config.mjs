import { globSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@vscode/test-cli';

const root = join(import.meta.dirname, '..', '..');
/** Folder into which `run.ts` has put the tests. */
const tests = process.env.BUNDLED_TESTS;

export default defineConfig({
  // TEST_FILES names some of them, such as `tree` or `live*`. The test runner takes a full path as it is, so its pattern is expanded here.
  files: globSync(`${process.env.TEST_FILES ?? '*'}.test.cjs`, { cwd: tests }).map((name) => join(tests, name)),
  extensionDevelopmentPath: root,
  useInstallation: { fromPath: join(root, 'scripts/host/testHost.ts') },
  mocha: { ui: 'bdd', timeout: 120_000, forbidOnly: true, require: [join(tests, 'activated.cjs')] },
});
