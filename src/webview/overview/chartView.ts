import uPlot from 'uplot';
import type { Chart, ChartMark } from '../../views/overview/overviewMessages.ts';
import { axisText, BYTE_STEPS, timeText } from './axisText.ts';
import { element, show } from './elements.ts';
import { drawLimits, drawMarks } from './overlays.ts';
import { colorOf, dashOf, theme } from './theme.ts';

const HEIGHT = 200;
/** Minimum time of a chart in seconds; otherwise two figures would fill it. */
const MIN_SECONDS = 60;

/** A chart with its title, its sentence, and its table. */
export class ChartView {
  readonly section = element('section');
  readonly #title = element('h2');
  readonly #sentence = element('p');
  readonly #picture = element('div', { class: 'picture', role: 'img' });
  readonly #pointed = element('p', { class: 'pointed', 'aria-hidden': 'true' });
  readonly #caption = element('caption');
  readonly #rows = element('tbody');
  readonly #resized: ResizeObserver;
  #plot: uPlot | undefined;
  #drawn: Chart | undefined;
  #marks: readonly ChartMark[] = [];

  constructor(id: string, headings: readonly string[]) {
    this.section.id = id;
    const head = element('tr');
    head.append(...headings.map((heading) => element('th', { scope: 'col' }, heading)));
    const header = element('thead');
    header.append(head);
    const table = element('table');
    table.append(this.#caption, header, this.#rows);
    this.section.append(this.#title, this.#sentence, this.#picture, this.#pointed, table);
    this.#resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width, height: HEIGHT }));
    this.#resized.observe(this.#picture);
  }

  get #width(): number {
    return Math.max(200, this.#picture.clientWidth);
  }

  draw(chart: Chart, marks: readonly ChartMark[]): void {
    const { title, sentence, severity, lines } = chart;
    const isSame =
      lines.map(({ label }) => label).join('\n') === this.#drawn?.lines.map(({ label }) => label).join('\n');
    this.#drawn = chart;
    this.#marks = marks;
    this.#title.textContent = title;
    this.#caption.textContent = title;
    show(this.#sentence, sentence, severity);
    this.#picture.setAttribute('aria-label', `${title}. ${sentence}`);
    this.#drawRows(chart);
    const data: uPlot.AlignedData = [[...chart.times], ...lines.map(({ values }) => [...values])];
    if (!isSame) this.forget();
    if (this.#plot) this.#plot.setData(data);
    else this.#plot = new uPlot(this.#options(chart), data, this.#picture);
  }

  /** Discards the plot, so that the next drawing uses the current colors. */
  forget(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #drawRows({ lines }: Chart): void {
    const rows = lines.map(({ label, cells, severity }, index) => {
      const row = element('tr', { class: severity });
      const name = element('th', { scope: 'row' });
      name.append(sampleOf(index), label);
      row.append(name, ...cells.map((cell) => element('td', {}, cell)));
      return row;
    });
    this.#rows.replaceChildren(...rows);
  }

  #options({ lines, unit }: Chart): uPlot.Options {
    const { foreground, grid, font } = theme();
    const axis = { stroke: foreground, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 }, font };
    return {
      width: this.#width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { range: (_, first, last) => [Math.min(first, last - MIN_SECONDS), last] },
        y: { range: (_, lowest, highest) => this.#range(lowest, highest) },
      },
      axes: [
        { ...axis, space: 90, values: (_, ticks) => ticks.map(timeText) },
        {
          ...axis,
          size: 72,
          values: (_, ticks) => ticks.map((tick) => axisText(tick, unit)),
          ...(unit === 'bytes' && { incrs: BYTE_STEPS }),
        },
      ],
      series: [
        {},
        ...lines.map(({ label }, index) => ({
          label,
          stroke: colorOf(index),
          dash: [...dashOf(index)],
          width: 1.5,
          spanGaps: true,
          points: { show: lines[index]?.values.length === 1 },
        })),
      ],
      hooks: {
        draw: [
          (plot) => {
            drawLimits(plot, this.#drawn?.limits ?? [], unit);
            drawMarks(plot, this.#marks);
          },
        ],
        setCursor: [(plot) => this.#point(plot)],
      },
    };
  }

  /** Returns the range from zero to the highest value, or to a limit that is near. */
  #range(_lowest: number | null, highest: number | null): [number, number] {
    const top = highest ?? 0;
    const near = (this.#drawn?.limits ?? []).map(({ value }) => value).filter((value) => value < top * 3);
    const most = Math.max(top, ...near);
    return [0, most === 0 ? 1 : most * 1.1];
  }

  /** Writes the values below the pointer. */
  #point({ cursor: { idx } }: uPlot): void {
    const chart = this.#drawn;
    const time = idx === null || idx === undefined ? undefined : chart?.times[idx];
    if (!chart || time === undefined || idx === null || idx === undefined) {
      this.#pointed.textContent = '';
      return;
    }
    const values = chart.lines.flatMap(({ label, values: all }) => {
      const value = all[idx];
      return value === null || value === undefined ? [] : [`${label} ${axisText(value, chart.unit)}`];
    });
    this.#pointed.textContent = [timeText(time), ...values].join(' · ');
  }
}

/** Draws a short sample of a line. */
function sampleOf(index: number): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const sample = document.createElementNS(space, 'svg');
  const stroke = document.createElementNS(space, 'line');
  for (const [name, value] of Object.entries({ width: '24', height: '8', 'aria-hidden': 'true' }))
    sample.setAttribute(name, value);
  const attributes = { x1: '0', x2: '24', y1: '4', y2: '4', 'stroke-width': '2', stroke: colorOf(index) };
  for (const [name, value] of Object.entries(attributes)) stroke.setAttribute(name, value);
  stroke.setAttribute('stroke-dasharray', dashOf(index).join(' '));
  sample.append(stroke);
  return sample;
}
