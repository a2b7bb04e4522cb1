import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { attempt } from '../../../scripts/setup/command.mjs';

const root = join(import.meta.dirname, '../../..');
const LINT = join(root, 'node_modules/oxlint/bin/oxlint');

describe("VS Code's own functions that show a text", function () {
  this.timeout('1m');

  it('are refused by the linter outside src/ui/text', async () => {
    const wrong = [
      `import { window } from 'vscode';\nexport const shown = window.showInformationMessage('a');`,
      `import * as vscode from 'vscode';\nexport const shown = vscode.window.showErrorMessage('a');`,
      `import { MarkdownString } from 'vscode';\nexport const shown = new MarkdownString('a');`,
      `import { Diagnostic, Range } from 'vscode';\nexport const shown = new Diagnostic(new Range(0, 0, 0, 0), 'a');`,
      `import { FileSystemError } from 'vscode';\nexport const shown = FileSystemError.Unavailable('a');`,
    ];
    const folders = await Promise.all(
      ['commands', 'views', 'documents', 'connections', 'ui'].map((floor) =>
        mkdtemp(join(root, 'src', floor, 'lint-')),
      ),
    );
    try {
      const files = folders.flatMap((folder) =>
        wrong.map((source, index) => ({ path: join(folder, `${index}.ts`), source })),
      );
      for (const { path, source } of files) await writeFile(path, `${source}\n`);
      const { stdout } = await attempt(process.execPath, [LINT, '--format', 'unix', ...files.map(({ path }) => path)], {
        cwd: root,
      });
      for (const { path } of files)
        assert.match(stdout, new RegExp(`^${relative(root, path)}:.*no-restricted-imports`, 'm'), path);
    } finally {
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    }
  });

  it('are joined by the words of a shell, which one function writes', async () => {
    const folder = await mkdtemp(join(root, 'src', 'commands', 'lint-'));
    try {
      const file = join(folder, 'words.ts');
      await writeFile(file, `import { quote } from 'shlex';\nexport const word = quote('a');\n`);
      const { stdout } = await attempt(process.execPath, [LINT, '--format', 'unix', file], { cwd: root });
      assert.match(stdout, /no-restricted-imports/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are not reached by the names of commands that show a title', async () => {
    const files = await readdir(join(root, 'src'), { recursive: true });
    for (const file of files.filter((each) => each.endsWith('.ts') && !each.startsWith(join('ui', 'text')))) {
      const source = await readFile(join(root, 'src', file), 'utf8');
      assert.doesNotMatch(source, /['"`]vscode\.(?:diff|changes)['"`]/, file);
    }
  });
});
