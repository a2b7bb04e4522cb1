import 'uplot/dist/uPlot.min.css';
import './overview.css';
import type { Chart, OverviewPage, PageMessage } from '../../views/overview/overviewMessages.ts';
import type { SpaceMessage, SpacePage } from '../../views/overview/spaceMessages.ts';
import { timeText } from './axisText.ts';
import { ChartView } from './chartView.ts';
import { element, show } from './elements.ts';
import { SpaceView } from './spaceView.ts';

/** The script of the Cluster Overview. It shows what the extension sends, and requests nothing itself. */

declare function acquireVsCodeApi(): { readonly postMessage: (message: PageMessage | SpaceMessage) => void };

const { postMessage: report } = acquireVsCodeApi();
const charts = new Map<string, ChartView>();
const interval = elementOf('interval', HTMLSelectElement);
const minutes = elementOf('minutes', HTMLSelectElement);
const [folderOrKey = '', lookInside = ''] = textsOf('space-table', 'texts');
const space = new SpaceView(
  {
    sentence: byId('space-sentence'),
    map: byId('map'),
    table: elementOf('space-table', HTMLTableElement),
    stop: elementOf('stop', HTMLButtonElement),
    up: elementOf('up', HTMLButtonElement),
  },
  [folderOrKey, lookInside],
  report,
);
let latest: OverviewPage | undefined;

function draw(page: OverviewPage): void {
  latest = page;
  interval.value = String(page.seconds);
  show(byId('sentence'), page.sentence, page.severity);
  for (const chart of page.charts) viewOf(chart).draw(chart, page.marks);
  const changes = page.marks.map(({ time, text }) => element('li', {}, `${timeText(time)} ${text}`));
  byId('changes').replaceChildren(...(changes.length > 0 ? changes : [element('li', {}, page.noMarks)]));
}

function viewOf(chart: Chart): ChartView {
  const known = charts.get(chart.id);
  if (known) return known;
  const view = new ChartView(chart.id, textsOf('charts', 'headings'));
  charts.set(chart.id, view);
  byId('charts').append(view.section);
  return view;
}

/** Returns texts from the page, because its script has none of its own. */
function textsOf(id: string, name: string): string[] {
  return (byId(id).dataset[name] ?? '').split('\n');
}

function byId(id: string): HTMLElement {
  return elementOf(id, HTMLElement);
}

function elementOf<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}.`);
  return found;
}

addEventListener('message', ({ data }: MessageEvent<OverviewPage | SpacePage>) => {
  if (data.kind === 'space') space.draw(data);
  else draw(data);
});
for (const kind of ['estimate', 'measure', 'up', 'stop'] as const)
  byId(kind).addEventListener('click', () => report({ kind }));
byId('churn').addEventListener('click', () => report({ kind: 'churn', minutes: Number(minutes.value) }));
interval.addEventListener('change', () => report({ kind: 'interval', seconds: Number(interval.value) }));
byId('refresh').addEventListener('click', () => report({ kind: 'refresh' }));
// VS Code reports another theme by the classes of the body.
new MutationObserver(() => {
  for (const view of charts.values()) view.forget();
  if (latest) draw(latest);
}).observe(document.body, { attributes: true, attributeFilter: ['class'] });
report({ kind: 'ready' });
