import { farPace, nearPace } from '../../test/unit/keyspace/paces.ts';
import { PAGE } from './listingFigures.ts';
import type { Shape } from './shapes.ts';
import { ourWay, TRANSPORTS } from './ways.ts';

/** Most requests, keys returned and kilobytes received: by gRPC, and through the gateway. */
interface Bounds {
  readonly requests: number;
  readonly keys: number;
  readonly grpc: number;
  readonly gateway: number;
}

/** Twice what etcd 3.4 and 3.5 were seen to take, of both paces the larger: answers under way at a time come in any order. */
const BOUNDS: Readonly<Record<string, { readonly whole: Bounds; readonly page: Bounds }>> = {
  '/a/': {
    whole: { requests: 4, keys: 380, grpc: 15, gateway: 40 },
    page: { requests: 4, keys: 380, grpc: 15, gateway: 40 },
  },
  '/a/type05/': {
    whole: { requests: 4, keys: 580, grpc: 20, gateway: 60 },
    page: { requests: 4, keys: 580, grpc: 20, gateway: 60 },
  },
  '/a/type05/dir-0007/': {
    whole: { requests: 1, keys: 195, grpc: 7, gateway: 20 },
    page: { requests: 1, keys: 195, grpc: 7, gateway: 20 },
  },
  '/b/': {
    whole: { requests: 30, keys: 67920, grpc: 2295, gateway: 6940 },
    page: { requests: 30, keys: 44090, grpc: 1420, gateway: 4680 },
  },
  '/c/': {
    whole: { requests: 3, keys: 7800, grpc: 260, gateway: 825 },
    page: { requests: 3, keys: 3315, grpc: 75, gateway: 350 },
  },
  '/d/': {
    whole: { requests: 4, keys: 19500, grpc: 500, gateway: 1830 },
    page: { requests: 3, keys: 1950, grpc: 35, gateway: 190 },
  },
  '/e/': {
    whole: { requests: 20, keys: 380, grpc: 30, gateway: 160 },
    page: { requests: 20, keys: 380, grpc: 30, gateway: 150 },
  },
  '/e/pods/': {
    whole: { requests: 30, keys: 5270, grpc: 290, gateway: 705 },
    page: { requests: 30, keys: 5120, grpc: 260, gateway: 730 },
  },
  '/e/pods/default/': {
    whole: { requests: 3, keys: 2210, grpc: 70, gateway: 270 },
    page: { requests: 3, keys: 1950, grpc: 60, gateway: 230 },
  },
  '/f/': {
    whole: { requests: 30, keys: 12050, grpc: 460, gateway: 1370 },
    page: { requests: 25, keys: 11350, grpc: 435, gateway: 1210 },
  },
  '/g/': {
    whole: { requests: 35, keys: 11190, grpc: 690, gateway: 1660 },
    page: { requests: 35, keys: 11295, grpc: 680, gateway: 1670 },
  },
};

/** Lists each folder as if the member were near, and far; says what went beyond its bounds. */
export async function checkCounts(endpoint: string, shapes: readonly Shape[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { path } of shapes.flatMap(({ folders }) => folders)) {
    for (const transport of TRANSPORTS) {
      for (const [where, pace] of Object.entries({ near: nearPace, far: farPace })) {
        const way = await ourWay(endpoint, path, transport, pace);
        for (const [what, most] of [['whole', Infinity] as const, ['page', PAGE] as const]) {
          const cost = await way.list(most);
          const counts = { requests: cost.requests, keys: way.returned(), kilobytes: Math.ceil(cost.bytes / 1024) };
          const bounds = BOUNDS[path]?.[what];
          const isWithin =
            bounds &&
            counts.requests <= bounds.requests &&
            counts.keys <= bounds.keys &&
            counts.kilobytes <= bounds[transport];
          const text = `${path} ${what}, ${where}, ${transport}: ${JSON.stringify(counts)}`;
          if (!isWithin) failures.push(`${text} is beyond ${JSON.stringify(bounds)}`);
        }
        way.close();
      }
    }
  }
  return failures;
}
