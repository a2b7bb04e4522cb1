import type { Measured } from './listingFigures.ts';
import { ratio, short, table, type Row } from './tables.ts';
import { SHAPES } from './shapes.ts';
import { PAGE } from './ways.ts';

const megabyte = 1024 * 1024;

/**
 * Formats the figures, ratios first; a ratio above 1 means that the listing is faster. `floors` is the inverse: how
 * many times as long the listing takes as one that knows the names (`idealWay`), measured in the same run.
 */
export function listingTable(all: readonly Measured[]): string {
  const header: Row = [
    ...['shape', 'folder', 'etcd', 'by', 'delay', '× etcdctl', 'page × etcdctl', 'again × etcdctl'],
    ...['floors', 'page floors', '× gateway scan', '× whole subtree'],
    ...['ms', 'page ms', 'first child ms', 'trips to it', 'children', 'requests', 'KB', 'MB', 'etcdctl ms', 'MB'],
    ...['floor ms', 'page', 'requests', 'KB'],
  ];
  const rows = all.flatMap(({ version, shape, folder, delay, own, etcdctl, floor, gatewayScan, wholeSubtree }) =>
    Object.entries(own).map(([transport, figures]): Row => [
      ...[shape, folder, version, transport, `${delay}`],
      ...[
        ratio(etcdctl.milliseconds, figures.milliseconds),
        ratio(etcdctl.milliseconds, figures.pageMilliseconds),
        ratio(etcdctl.milliseconds, figures.againMilliseconds),
        ratio(figures.milliseconds, floor.milliseconds),
        ratio(figures.pageMilliseconds, floor.pageMilliseconds),
        ratio(gatewayScan?.milliseconds, figures.milliseconds),
        ratio(wholeSubtree?.milliseconds, figures.milliseconds),
      ],
      ...[figures.milliseconds, figures.pageMilliseconds, figures.firstChildMilliseconds].map(short),
      `${figures.firstChildTrips}`,
      ...[`${figures.children}`, `${figures.requests}`, short(figures.bytes / 1024), short(figures.memory / megabyte)],
      ...[short(etcdctl.milliseconds), short(etcdctl.memory / megabyte)],
      ...[short(floor.milliseconds), short(floor.pageMilliseconds), `${floor.requests}`, short(floor.bytes / 1024)],
    ]),
  );
  return table(header, rows);
}

/**
 * Formats one row per folder, by gRPC: how many times faster than etcdctl with each version and delay. For the first of
 * these, also the ratio for a folder that was listed before, the ratio to the ideal, and the costs.
 */
export function summaryTable(all: readonly Measured[]): string {
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
    const [first] = measured;
    const grpc = first?.own.grpc;
    if (!grpc) return [what, ...ratios];
    const again = `${ratio(first.etcdctl.milliseconds, grpc.againMilliseconds)} ×`;
    const costs = [`${grpc.children}`, `${grpc.requests}`, `${short(grpc.bytes / 1024)} KB`];
    return [what, ...ratios, again, ratio(grpc.milliseconds, first.floor.milliseconds), ...costs];
  });
  const caption = `_again_ (${courses[0]}): the folder was listed before, or one beside it with the same children. _ideal_: how many times as long it takes as a listing that knows all names beforehand.`;
  const header = ['folder', ...courses, 'again', 'ideal', 'children', 'requests', 'received'];
  return `${caption}\n\n${table(header, rows)}`;
}

function courseName(version: string, delay: number): string {
  return delay === 0 ? `etcd ${version}` : `${version}, ${delay} ms`;
}

/** Returns the ratio of the whole listing, and that of the first page if it is a different one. */
function ownRatios(
  etcdctl: number,
  { milliseconds, pageMilliseconds, children }: NonNullable<Measured['own']['grpc']>,
): string {
  const whole = `${ratio(etcdctl, milliseconds)} ×`;
  return children > PAGE ? `${whole}, page ${ratio(etcdctl, pageMilliseconds)} ×` : whole;
}
