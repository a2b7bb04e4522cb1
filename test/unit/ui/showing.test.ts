import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { afterwards, revealRow } from '../../../src/ui/showing.ts';
import { failsAs } from '../../etcd/errorKind.ts';

describe('showing what was done', () => {
  it('fails nothing, and is logged', async () => {
    const failures: unknown[] = [];
    const log = { failure: (_: string, error: unknown) => void failures.push(error) };
    const [refused, lost] = [new Error('TreeError'), new EtcdError('connectionLost', 'lost')];
    await afterwards(log, () => Promise.reject(refused));
    await afterwards(log, () => Promise.reject(lost));
    await afterwards(log, () => Promise.resolve());
    assert.deepEqual(failures, [refused, lost]);
  });

  it('reveals a row that a view knows only once it is drawn again, looking it up each time', async () => {
    const revealed: number[] = [];
    let looked = 0;
    const reveal = async (row: number) => {
      if (row < 3) throw new Error('TreeError [etcd.keys] Cannot resolve tree item for element');
      revealed.push(row);
    };
    await revealRow({ reveal }, async () => ++looked, {}, 0);
    assert.deepEqual(revealed, [3]);
  });

  it('gives up without a failure where the view never knows the row, and tells why a row cannot be looked up', async () => {
    let tries = 0;
    const reveal = async () => {
      tries++;
      throw new Error('TreeError');
    };
    await revealRow({ reveal }, async () => 1, {}, 0);
    assert.equal(tries, 4);
    const lost = new EtcdError('connectionLost', 'lost');
    await assert.rejects(
      revealRow({ reveal }, () => Promise.reject(lost), {}, 0),
      failsAs('connectionLost'),
    );
  });

  it('goes through this one place, because VS Code refuses to reveal rows that it draws', async () => {
    const source = join(import.meta.dirname, '../../../src');
    const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const texts = await Promise.all(files.map((file) => readFile(join(source, file), 'utf8')));
    // A tab is revealed without a row.
    const raw = files.filter((_, at) => /[.]reveal\([^)]/.test(texts[at] ?? ''));
    assert.deepEqual(raw, [join('ui', 'showing.ts')]);
  });
});
