import type { Measured } from './measure.ts';

type Row = readonly string[];

const megabyte = 1024 * 1024;

/** A table as Markdown has it, ratios first. A ratio above 1 says that the listing is faster. */
export function listingTable(all: readonly Measured[]): string {
  const header: Row = [
    ...['shape', 'folder', 'etcd', 'by', 'delay', '× etcdctl', 'page × etcdctl', '× gateway scan', '× whole subtree'],
    ...['ms', 'page ms', 'first child ms', 'children', 'requests', 'KB', 'MB', 'etcdctl ms', 'MB'],
  ];
  const rows = all.flatMap(({ version, shape, folder, delay, own, etcdctl, gatewayScan, wholeSubtree }) =>
    Object.entries(own).map(([transport, figures]): Row => [
      ...[shape, folder, version, transport, `${delay}`],
      ...[
        ratio(etcdctl.milliseconds, figures.milliseconds),
        ratio(etcdctl.milliseconds, figures.pageMilliseconds),
        ratio(gatewayScan?.milliseconds, figures.milliseconds),
        ratio(wholeSubtree?.milliseconds, figures.milliseconds),
      ],
      ...[figures.milliseconds, figures.pageMilliseconds, figures.firstChildMilliseconds].map(short),
      ...[`${figures.children}`, `${figures.requests}`, short(figures.bytes / 1024), short(figures.memory / megabyte)],
      ...[short(etcdctl.milliseconds), short(etcdctl.memory / megabyte)],
    ]),
  );
  return table(header, rows);
}

export function table(header: Row, rows: readonly Row[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function ratio(other: number | undefined, own: number): string {
  return other === undefined ? '' : short(other / own);
}

/** Two digits, or whole from 10 on. */
export function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
