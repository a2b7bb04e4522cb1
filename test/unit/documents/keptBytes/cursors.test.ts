import assert from 'node:assert/strict';
import { movedPlaces, touches } from '../../../../src/documents/keptBytes/cursors.ts';

const at = (line: number, character: number) => ({ line, character });
const insertion = (line: number, character: number, text: string) => ({
  start: at(line, character),
  end: at(line, character),
  text,
});

describe('places in a text that is edited', () => {
  it('move behind what is inserted before them or at them', () => {
    assert.deepEqual(movedPlaces([at(0, 2)], [insertion(0, 0, '// ')]), [at(0, 5)]);
    assert.deepEqual(movedPlaces([at(0, 2)], [insertion(0, 2, 'x')]), [at(0, 3)]);
    assert.deepEqual(movedPlaces([at(1, 4)], [insertion(0, 1, 'a\r\nbc\n')]), [at(3, 4)]);
    assert.deepEqual(movedPlaces([at(0, 4)], [insertion(0, 1, 'a\nbc')]), [at(1, 5)]);
  });

  it('stay where something is inserted behind them', () =>
    assert.deepEqual(movedPlaces([at(0, 2), at(1, 0)], [insertion(1, 1, 'x'), insertion(0, 3, '\n')]), [
      at(0, 2),
      at(2, 0),
    ]));

  it('move to the end of what replaces them', () => {
    const change = { start: at(0, 1), end: at(2, 1), text: 'new' };
    assert.deepEqual(movedPlaces([at(0, 1), at(1, 7), at(2, 1), at(2, 3), at(3, 0)], [change]), [
      at(0, 4),
      at(0, 4),
      at(0, 4),
      at(0, 6),
      at(1, 0),
    ]);
  });

  it('are touched by a change at them, before them or behind them', () => {
    assert.ok(touches(insertion(0, 2, 'x'), at(0, 2)));
    assert.ok(touches({ start: at(0, 1), end: at(0, 2), text: '' }, at(0, 2)));
    assert.ok(touches({ start: at(0, 2), end: at(1, 0), text: '' }, at(0, 2)));
    assert.ok(!touches(insertion(0, 3, 'x'), at(0, 2)));
    assert.ok(!touches({ start: at(0, 0), end: at(0, 1), text: '' }, at(0, 2)));
  });
});
