import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishProblems } from '../../../scripts/package/publishProblems.ts';

const manifest = (url: string) => JSON.stringify({ version: '1.2.0', repository: { url } });

describe('what keeps the extension from being published', () => {
  it('is a placeholder for the repository, and a version that the changelog does not date', () => {
    const problems = publishProblems(manifest('https://example.com/OWNER/REPOSITORY'), '## 1.1.0 - 2026-01-02\n');
    assert.deepEqual(
      problems.map((problem) => problem.split(' ', 1)[0]),
      ['package.json', 'CHANGELOG.md'],
    );
  });

  it('is nothing once both are there', () => {
    assert.deepEqual(publishProblems(manifest('https://example.com/etcd'), '# Log\n\n## 1.2.0 - 2026-01-02\n'), []);
  });

  it('is found in this project as long as its repository has no address', async () => {
    const text = await readFile(join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8');
    assert.equal(publishProblems(text, '').length, text.includes('OWNER/REPOSITORY') ? 2 : 1);
  });
});
