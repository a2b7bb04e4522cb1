import assert from 'node:assert/strict';
import type { PageBeginning } from '../../../../src/etcd/keyStore.ts';
import { EarlyRows } from '../../../../src/views/keys/earlyRows.ts';

const SOME: PageBeginning = { children: [], revision: 1n };
const MORE: PageBeginning = { children: [], revision: 2n };

describe('EarlyRows', () => {
  async function drawn(): Promise<{ rows: EarlyRows; nextDrawing: () => Promise<void>; drawings: () => number }> {
    const rows = new EarlyRows();
    rows.begin();
    rows.set(SOME);
    await rows.ready;
    let [count, told] = [0, Promise.withResolvers<void>()];
    rows.drawn(() => {
      count++;
      told.resolve();
      told = Promise.withResolvers<void>();
    });
    return { rows, nextDrawing: () => told.promise, drawings: () => count };
  }

  it('has nothing to draw of a listing that ends within a moment', () => {
    const rows = new EarlyRows();
    rows.begin();
    rows.set(SOME);
    assert.equal(rows.beginning, undefined);
    rows.complete();
    assert.equal(rows.beginning, undefined);
  });

  it('has what is known after a moment, and draws when there is more, and when there is all', async () => {
    const { rows, nextDrawing, drawings } = await drawn();
    assert.equal(rows.beginning, SOME);
    const next = nextDrawing();
    rows.set(SOME);
    rows.set(MORE);
    assert.equal(drawings(), 0);
    await next;
    assert.equal(rows.beginning, MORE);
    assert.equal(drawings(), 1);
    rows.complete();
    assert.equal(drawings(), 2);
    assert.equal(rows.beginning, undefined);
  });

  it('draws nothing more of what nobody wants', async () => {
    const { rows, drawings } = await drawn();
    rows.set(MORE);
    rows.cancel();
    rows.complete();
    assert.equal(drawings(), 0);
    assert.equal(rows.beginning, undefined);
  });

  it('has nothing while the listing begins again', async () => {
    const { rows, drawings } = await drawn();
    rows.set(undefined);
    assert.equal(rows.beginning, undefined);
    rows.complete();
    assert.equal(drawings(), 1);
  });
});
