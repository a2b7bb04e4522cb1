import { farPace, nearPace } from '../../test/unit/listing/paces.ts';
import type { Shape } from './shapes.ts';
import { ourWay, PAGE, TRANSPORTS } from './ways.ts';

/** Upper bounds of requests, keys returned and kilobytes received, by gRPC and through the gateway. */
interface Bounds {
  readonly requests: number;
  readonly keys: number;
  readonly grpc: number;
  readonly gateway: number;
}

/** The whole listing, the first page, or the whole listing of a folder that was listed before. */
type Course = 'whole' | 'page' | 'again';

/** Round trips before the first children are reported, for every folder. */
const MAX_TRIPS = 2;

/**
 * A quarter above the larger figure of both paces with etcd 3.4 and 3.5, because answers under way at the same time
 * arrive in any order.
 */
const BOUNDS: Readonly<Record<string, Record<Course, Bounds>>> = {
  '/a/': {
    whole: { requests: 4, keys: 305, grpc: 14, gateway: 45 },
    page: { requests: 4, keys: 305, grpc: 14, gateway: 45 },
    again: { requests: 1, keys: 50, grpc: 4, gateway: 10 },
  },
  '/a/type05/': {
    whole: { requests: 4, keys: 430, grpc: 20, gateway: 65 },
    page: { requests: 4, keys: 430, grpc: 20, gateway: 65 },
    again: { requests: 1, keys: 125, grpc: 8, gateway: 24 },
  },
  '/a/type05/dir-0007/': {
    whole: { requests: 1, keys: 125, grpc: 7, gateway: 15 },
    page: { requests: 1, keys: 125, grpc: 7, gateway: 15 },
    again: { requests: 1, keys: 125, grpc: 7, gateway: 15 },
  },
  '/b/': {
    whole: { requests: 30, keys: 67920, grpc: 2295, gateway: 6940 },
    page: { requests: 30, keys: 44090, grpc: 1420, gateway: 4680 },
    again: { requests: 20, keys: 2500, grpc: 115, gateway: 435 },
  },
  '/c/': {
    whole: { requests: 3, keys: 5000, grpc: 170, gateway: 530 },
    page: { requests: 3, keys: 1315, grpc: 45, gateway: 140 },
    again: { requests: 3, keys: 5000, grpc: 170, gateway: 530 },
  },
  '/d/': {
    whole: { requests: 4, keys: 12500, grpc: 320, gateway: 1175 },
    page: { requests: 1, keys: 1250, grpc: 35, gateway: 120 },
    again: { requests: 4, keys: 12500, grpc: 320, gateway: 1175 },
  },
  '/e/': {
    whole: { requests: 17, keys: 260, grpc: 25, gateway: 85 },
    page: { requests: 17, keys: 260, grpc: 25, gateway: 95 },
    again: { requests: 1, keys: 50, grpc: 4, gateway: 10 },
  },
  '/e/pods/': {
    whole: { requests: 30, keys: 5270, grpc: 290, gateway: 705 },
    page: { requests: 30, keys: 5120, grpc: 260, gateway: 730 },
    again: { requests: 1, keys: 150, grpc: 10, gateway: 30 },
  },
  '/e/pods/default/': {
    whole: { requests: 3, keys: 1420, grpc: 65, gateway: 170 },
    page: { requests: 1, keys: 1250, grpc: 60, gateway: 150 },
    again: { requests: 3, keys: 1420, grpc: 65, gateway: 170 },
  },
  '/f/': {
    whole: { requests: 4, keys: 12455, grpc: 440, gateway: 1325 },
    page: { requests: 3, keys: 6230, grpc: 225, gateway: 670 },
    again: { requests: 4, keys: 12455, grpc: 440, gateway: 1325 },
  },
  '/g/': {
    whole: { requests: 3, keys: 12420, grpc: 730, gateway: 1710 },
    page: { requests: 3, keys: 12420, grpc: 730, gateway: 1710 },
    again: { requests: 10, keys: 1250, grpc: 90, gateway: 260 },
  },
};

/** Lists each folder as if the member were near and as if it were far; returns a sentence for each exceeded bound. */
export async function checkCounts(endpoint: string, shapes: readonly Shape[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { path } of shapes.flatMap(({ folders }) => folders)) {
    for (const transport of TRANSPORTS) {
      for (const [where, pace] of Object.entries({ near: nearPace, far: farPace })) {
        const way = await ourWay(endpoint, path, transport, { pace });
        for (const what of ['page', 'whole', 'again'] as const) {
          const cost = await way.list(what === 'page' ? PAGE : Infinity, what === 'again');
          const { trips = 0 } = cost;
          const counts = {
            requests: cost.requests,
            keys: way.returned(),
            kilobytes: Math.ceil(cost.bytes / 1024),
            trips,
          };
          const bounds = BOUNDS[path]?.[what];
          const isWithin =
            bounds &&
            counts.requests <= bounds.requests &&
            counts.keys <= bounds.keys &&
            counts.kilobytes <= bounds[transport] &&
            trips <= MAX_TRIPS;
          const text = `${path} ${what}, ${where}, ${transport}: ${JSON.stringify(counts)}`;
          if (!isWithin) failures.push(`${text} is beyond ${JSON.stringify(bounds)}`);
        }
        way.close();
      }
    }
  }
  return failures;
}
