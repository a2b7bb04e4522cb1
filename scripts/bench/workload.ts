import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connectV3 } from '../../src/etcd/connect/connectV3.ts';
import { settingsFor } from './settings.ts';
import { WORKLOADS, type Place, type WorkloadName } from './workloads.ts';

/** A workload in a fresh process, so that its memory can be measured. */

export interface WorkloadFigures {
  readonly milliseconds: number;
  readonly keys: number;
  readonly requests: number;
  /** Bytes of the longest answer. */
  readonly mostBytes: number;
  /** Bytes by which the process's peak memory exceeds its memory at the beginning. */
  readonly memory: number;
  /** The same of the heap and the buffers beside it, garbage included, as often as the event loop lets look. */
  readonly heap: number;
}

interface Job extends Place {
  readonly name: WorkloadName;
  readonly endpoint: string;
}

const KILOBYTE = 1024;
const LOOK_MILLISECONDS = 5;

/** Runs a workload in a process of its own. @throws Error if that fails */
export async function inOwnProcess(name: WorkloadName, endpoint: string, place: Place): Promise<WorkloadFigures> {
  const child = fork(import.meta.filename, [JSON.stringify({ name, endpoint, ...place } satisfies Job)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit');
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [WorkloadFigures | number | null];
  if (typeof figures !== 'object' || figures === null) throw new Error(`the workload "${name}" of the bench failed`);
  await ended;
  return figures;
}

async function measured({ name, endpoint, ...place }: Job): Promise<WorkloadFigures> {
  const bill = { requests: 0, mostBytes: 0 };
  const log = ({ bytes = 0 }) => {
    bill.requests++;
    bill.mostBytes = Math.max(bill.mostBytes, bytes);
  };
  const connection = await connectV3({ ...settingsFor(endpoint, log), transport: 'grpc' });
  try {
    await connection.store.get(Buffer.from('/'));
    Object.assign(bill, { requests: 0, mostBytes: 0 });
    const [before, heapBefore] = [process.memoryUsage.rss(), heapNow()];
    let most = heapBefore;
    const looks = setInterval(() => (most = Math.max(most, heapNow())), LOOK_MILLISECONDS);
    const started = performance.now();
    const keys = await WORKLOADS[name](connection, place);
    const milliseconds = performance.now() - started;
    clearInterval(looks);
    const memory = Math.max(0, process.resourceUsage().maxRSS * KILOBYTE - before);
    return { milliseconds, keys, ...bill, memory, heap: most - heapBefore };
  } finally {
    connection.close();
  }
}

function heapNow(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

if (process.send && process.argv[1] === import.meta.filename) {
  process.send(await measured(JSON.parse(process.argv[2] ?? '') as Job));
  process.disconnect();
}
