import { gatewayScan, ourWay, wholeSubtree, type Cost, type TransportName, type Way } from './ways.ts';

/** A process of its own for one way of listing one folder, so that its memory can be told. */

export type WayName = TransportName | 'gateway scan' | 'whole subtree';

export interface Listed extends Cost {
  /** Bytes by which the process's peak of memory is above what it had before its first listing. */
  readonly memory: number;
}

const [way, endpoint = '', folder = ''] = process.argv.slice(2);
const kilobyte = 1024;

async function open(): Promise<Way> {
  if (way === 'gateway scan') return gatewayScan(endpoint, folder);
  if (way === 'whole subtree') return await wholeSubtree(endpoint, folder);
  return await ourWay(endpoint, folder, way === 'gateway' ? 'gateway' : 'grpc');
}

const opened = await open();
const before = process.memoryUsage.rss();
process.on('message', (most: number) => {
  void opened.list(most || Infinity).then((cost) => {
    const memory = Math.max(0, process.resourceUsage().maxRSS * kilobyte - before);
    process.send?.({ ...cost, memory } satisfies Listed);
  });
});
process.on('disconnect', () => opened.close());
process.send?.('ready');
