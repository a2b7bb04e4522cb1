import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** Milliseconds between two beats of the event loop's monitor. */
const RESOLUTION = 5;

/** Milliseconds by which the event loop was late. */
export interface LoopDelay {
  readonly half: number;
  readonly most99: number;
  readonly most: number;
}

export function watchedLoop(): IntervalHistogram {
  return monitorEventLoopDelay({ resolution: RESOLUTION });
}

export function loopDelayOf(histogram: IntervalHistogram): LoopDelay {
  // The monitor measures the time between two beats.
  const milliseconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  return {
    half: milliseconds(histogram.percentile(50)),
    most99: milliseconds(histogram.percentile(99)),
    most: milliseconds(histogram.max),
  };
}

/**
 * Measures this process's event loop for another process, which asks by `loopDelayDuring`, until that says that it is
 * done.
 * @param portFile file to write the port to
 */
export async function serveLoopDelay(portFile: string): Promise<void> {
  const over = Promise.withResolvers<void>();
  let histogram = watchedLoop();
  const server = createServer(({ url }, response) => {
    if (url === '/begin') {
      histogram = watchedLoop();
      histogram.enable();
    }
    if (url === '/end') histogram.disable();
    if (url === '/over') over.resolve();
    response.end(JSON.stringify(loopDelayOf(histogram)));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address) writeFileSync(portFile, String(address.port));
  });
  await over.promise;
  server.close();
}

/** Returns what `serveLoopDelay` measures at each of these ports during some work. */
export async function loopDelayDuring(ports: readonly number[], work: () => Promise<void>): Promise<LoopDelay[]> {
  await Promise.all(ports.map((port) => tell(port, 'begin')));
  await work();
  return await Promise.all(ports.map((port) => tell(port, 'end')));
}

export async function tell(port: number, what: 'begin' | 'end' | 'over'): Promise<LoopDelay> {
  const answer = await fetch(`http://127.0.0.1:${port}/${what}`, { headers: { connection: 'close' } });
  return (await answer.json()) as LoopDelay;
}
