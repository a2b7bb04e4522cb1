import { gatewayScan, idealWay, ourWay, wholeSubtree, type Cost, type TransportName, type Way } from './ways.ts';

/** A process of its own for one way of listing one folder, so that its memory can be told. */

export type WayName = TransportName | 'gateway scan' | 'whole subtree' | 'floor';

export interface Listed extends Cost {
  /** Bytes by which the process's peak of memory is above what it had before its first listing. */
  readonly memory: number;
}

/** Which children to list: how many at most, 0 for all; and whether the listing before may be remembered. */
export interface Task {
  readonly most: number;
  readonly isAgain: boolean;
}

const [way, endpoint = '', folder = '', size = '', delay = ''] = process.argv.slice(2);
const kilobyte = 1024;

async function open(): Promise<Way> {
  if (way === 'gateway scan') return gatewayScan(endpoint, folder);
  if (way === 'whole subtree') return await wholeSubtree(endpoint, folder);
  if (way === 'floor') return await idealWay(endpoint, folder, Number(size), Number(delay));
  return await ourWay(endpoint, folder, way === 'gateway' ? 'gateway' : 'grpc');
}

const opened = await open();
const before = process.memoryUsage.rss();
process.on('message', ({ most, isAgain }: Task) => {
  void opened.list(most || Infinity, isAgain).then((cost) => {
    const memory = Math.max(0, process.resourceUsage().maxRSS * kilobyte - before);
    process.send?.({ ...cost, memory } satisfies Listed);
  });
});
process.on('disconnect', () => opened.close());
process.send?.('ready');
