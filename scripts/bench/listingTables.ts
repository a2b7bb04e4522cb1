import { PAGE, type Measured } from './listingFigures.ts';
import { ratio, short, table, type Row } from './tables.ts';
import { SHAPES } from './shapes.ts';

const megabyte = 1024 * 1024;

/** Ratios first; one above 1 says that the listing is faster. */
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

/** A folder a row, by gRPC: how many times faster than etcdctl with each version and delay, what it costs, and the first page's. */
export function readmeTable(all: readonly Measured[]): string {
  const folders = SHAPES.flatMap((shape) => shape.folders).filter(({ path }) =>
    all.some(({ folder }) => folder === path),
  );
  const courses = [...new Set(all.map(({ version, delay }) => courseName(version, delay)))];
  const rows = folders.map(({ path, what }): Row => {
    const measured = all.filter(({ folder }) => folder === path);
    const ratios = courses.map((course) => {
      const found = measured.find(({ version, delay }) => courseName(version, delay) === course);
      return found?.own.grpc ? ownRatios(found.etcdctl.milliseconds, found.own.grpc) : '';
    });
    const { grpc } = measured[0]?.own ?? {};
    return [what, ...ratios, `${grpc?.children}`, `${grpc?.requests}`, `${short((grpc?.bytes ?? 0) / 1024)} KB`];
  });
  return table(['folder', ...courses, 'children', 'requests', 'received'], rows);
}

function courseName(version: string, delay: number): string {
  return delay === 0 ? `etcd ${version}` : `${version}, ${delay} ms`;
}

/** The whole listing's, and the first page's where that is another one. */
function ownRatios(
  etcdctl: number,
  { milliseconds, pageMilliseconds, children }: NonNullable<Measured['own']['grpc']>,
): string {
  const whole = `${ratio(etcdctl, milliseconds)} ×`;
  return children > PAGE ? `${whole}, page ${ratio(etcdctl, pageMilliseconds)} ×` : whole;
}
