import { gatewayScan, idealWay, ourWay, wholeSubtree, type Cost, type TransportName, type Way } from './ways.ts';

/** A process for one way of listing one folder, so that its memory can be measured. */

export type WayName = TransportName | 'gateway scan' | 'whole subtree' | 'floor';

export interface Listed extends Cost {
  /** Bytes by which the process's peak memory exceeds its memory before the first listing. */
  readonly memory: number;
}

/** The children to list (how many at most, 0 for all), and whether an earlier listing may be remembered. */
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
