import type { Measured } from './listingFigures.ts';
import { ratio, short, table, type Row } from './tables.ts';
import { SHAPES } from './shapes.ts';
import { PAGE } from './ways.ts';

const megabyte = 1024 * 1024;

/**
 * Ratios first; one above 1 says that the listing is faster. `floors` is the other way round: how many times longer it takes than
 * whoever knows the names beforehand (`idealWay`), measured in the same run.
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
 * A folder a row, by gRPC: how many times faster than etcdctl with each version and delay; and of the first of these, the same where
 * the folder was listed before, how many times the floor it takes, and what it costs.
 */
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
    const [first] = measured;
    const grpc = first?.own.grpc;
    if (!grpc) return [what, ...ratios];
    const again = `${ratio(first.etcdctl.milliseconds, grpc.againMilliseconds)} ×`;
    const costs = [`${grpc.children}`, `${grpc.requests}`, `${short(grpc.bytes / 1024)} KB`];
    return [what, ...ratios, again, ratio(grpc.milliseconds, first.floor.milliseconds), ...costs];
  });
  const caption = `_again_ (${courses[0]}): the folder was listed before, or one beside it with the same children. _floors_: how many times the time of whoever knows the names beforehand.`;
  const header = ['folder', ...courses, 'again', 'floors', 'children', 'requests', 'received'];
  return `${caption}\n\n${table(header, rows)}`;
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
