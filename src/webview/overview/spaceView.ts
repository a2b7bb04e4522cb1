import type { SpaceMessage, SpacePage, SpacePageRow } from '../../views/overview/spaceMessages.ts';
import { element, show } from './elements.ts';
import { treemap } from './treemap.ts';

/** Width of the map divided by its height, as in the style sheet. */
const RATIO = 3;
/** Share of the map below which a tile has no room for a name. */
const NAMED_SHARE = 0.01;

/** The elements of the page for the section about space. */
export interface SpaceParts {
  readonly sentence: HTMLElement;
  readonly map: HTMLElement;
  readonly table: HTMLTableElement;
  /** Enabled while a measurement is running. */
  readonly stop: HTMLButtonElement;
  readonly up: HTMLButtonElement;
}

/** Shows the space that folders take, as a map and as a table. */
export class SpaceView {
  readonly #parts: SpaceParts;
  readonly #report: (message: SpaceMessage) => void;
  /** Texts of the name's heading and of the button that opens a folder's level. */
  readonly #texts: readonly [heading: string, inside: string];

  constructor(
    parts: SpaceParts,
    texts: readonly [heading: string, inside: string],
    report: (message: SpaceMessage) => void,
  ) {
    this.#parts = parts;
    this.#texts = texts;
    this.#report = report;
  }

  draw({ sentence, severity, isRunning, canGoUp, headings, rows }: SpacePage): void {
    const { sentence: at, stop, up, map, table } = this.#parts;
    show(at, sentence, severity);
    stop.disabled = !isRunning;
    up.disabled = !canGoUp;
    map.hidden = rows.length === 0;
    table.hidden = rows.length === 0;
    const sorted = rows.map((row, index) => ({ row, index })).toSorted((one, other) => other.row.share - one.row.share);
    const tiles = treemap(
      sorted.map(({ row }) => row.share),
      RATIO,
    );
    map.replaceChildren(
      ...sorted.flatMap(({ row, index }, order) => {
        const tile = tiles[order];
        if (!tile) return [];
        const button = this.#revealButton(row, index, row.share < NAMED_SHARE ? '' : row.name);
        button.className = 'tile';
        for (const side of ['left', 'top', 'width', 'height'] as const) button.style[side] = `${tile[side] * 100}%`;
        button.style.setProperty('--order', String(order % 6));
        return [button];
      }),
    );
    this.#drawTable(headings, rows);
  }

  #drawTable(headings: readonly string[], rows: readonly SpacePageRow[]): void {
    const [heading, inside] = this.#texts;
    const head = element('tr');
    head.append(...[heading, ...headings].map((text) => element('th', { scope: 'col' }, text)));
    const header = element('thead');
    header.append(head);
    const body = element('tbody');
    body.append(
      ...rows.map((row, index) => {
        const name = element('th', { scope: 'row' });
        name.append(this.#revealButton(row, index, row.name));
        if (row.isFolder) {
          const button = element('button', { class: 'inside', 'aria-label': `${inside} ${row.name}` }, '▸');
          button.addEventListener('click', () => this.#report({ kind: 'inside', row: index }));
          name.append(' ', button);
        }
        const line = element('tr');
        line.append(name, ...row.cells.map((cell) => element('td', {}, cell)));
        return line;
      }),
    );
    this.#parts.table.replaceChildren(header, body);
  }

  #revealButton({ name, cells }: SpacePageRow, row: number, text: string): HTMLButtonElement {
    const button = element(
      'button',
      { class: 'link', title: `${name}: ${cells.join(' · ')}`, 'aria-label': name },
      text,
    );
    button.addEventListener('click', () => this.#report({ kind: 'reveal', row }));
    return button;
  }
}
