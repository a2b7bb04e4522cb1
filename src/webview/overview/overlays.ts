import type uPlot from 'uplot';
import type { Chart, ChartMark, ChartUnit } from '../../views/overview/overviewMessages.ts';
import { axisText } from './axisText.ts';
import { theme } from './theme.ts';

const DASH = [4, 4];
const MARGIN = 4;

/** Draws a line with its name at each limit, or a note that the limit is beyond the chart. */
export function drawLimits(plot: uPlot, limits: Chart['limits'], unit: ChartUnit): void {
  const { limit } = theme();
  const { left, top, width } = plot.bbox;
  const { max = 0 } = plot.scales['y'] ?? {};
  for (const { label, value } of limits) {
    const text = `${label} ${axisText(value, unit)}`;
    if (value > max) {
      write(plot, limit, `↑ ${text}`, left + MARGIN, top + 3 * MARGIN);
      continue;
    }
    const y = plot.valToPos(value, 'y', true);
    stroke(plot, limit, [left, y, left + width, y]);
    write(plot, limit, text, left + MARGIN, y - MARGIN);
  }
}

/** Draws a line at the time of each mark. */
export function drawMarks(plot: uPlot, marks: readonly ChartMark[]): void {
  const { foreground } = theme();
  for (const { time } of marks) {
    const x = plot.valToPos(time, 'x', true);
    const { left, top, width, height } = plot.bbox;
    if (x < left || x > left + width) continue;
    stroke(plot, foreground, [x, top, x, top + height]);
    write(plot, foreground, '▼', x + MARGIN, top + 3 * MARGIN);
  }
}

type Ends = readonly [x1: number, y1: number, x2: number, y2: number];

function stroke({ ctx }: uPlot, color: string, [x1, y1, x2, y2]: Ends): void {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(DASH.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
  ctx.restore();
}

function write({ ctx }: uPlot, color: string, text: string, x: number, y: number): void {
  ctx.save();
  ctx.textAlign = 'left';
  // A line of the grid may run through the text.
  const { width, actualBoundingBoxAscent: ascent, actualBoundingBoxDescent: descent } = ctx.measureText(text);
  ctx.fillStyle = theme().background;
  ctx.fillRect(x, y - ascent, width, ascent + descent);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
  ctx.restore();
}
