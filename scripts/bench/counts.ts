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

/** A third above what etcd 3.4 and 3.5 were seen to take, of both paces the larger. */
const BOUNDS: Readonly<Record<string, { readonly whole: Bounds; readonly page: Bounds }>> = {
  '/a/': {
    whole: { requests: 4, keys: 255, grpc: 15, gateway: 40 },
    page: { requests: 4, keys: 255, grpc: 15, gateway: 40 },
  },
  '/a/type05/': {
    whole: { requests: 4, keys: 385, grpc: 20, gateway: 60 },
    page: { requests: 4, keys: 385, grpc: 20, gateway: 60 },
  },
  '/a/type05/dir-0007/': {
    whole: { requests: 1, keys: 130, grpc: 7, gateway: 20 },
    page: { requests: 1, keys: 130, grpc: 7, gateway: 20 },
  },
  '/b/': {
    whole: { requests: 30, keys: 45280, grpc: 1530, gateway: 4625 },
    page: { requests: 30, keys: 29395, grpc: 945, gateway: 3120 },
  },
  '/c/': {
    whole: { requests: 3, keys: 5200, grpc: 175, gateway: 550 },
    page: { requests: 3, keys: 2210, grpc: 75, gateway: 235 },
  },
  '/d/': {
    whole: { requests: 4, keys: 13000, grpc: 335, gateway: 1220 },
    page: { requests: 3, keys: 1300, grpc: 35, gateway: 125 },
  },
  '/e/': {
    whole: { requests: 20, keys: 255, grpc: 30, gateway: 105 },
    page: { requests: 20, keys: 255, grpc: 30, gateway: 100 },
  },
  '/e/pods/': {
    whole: { requests: 30, keys: 3515, grpc: 195, gateway: 470 },
    page: { requests: 30, keys: 3415, grpc: 175, gateway: 485 },
  },
  '/e/pods/default/': {
    whole: { requests: 3, keys: 1475, grpc: 70, gateway: 180 },
    page: { requests: 3, keys: 1300, grpc: 60, gateway: 155 },
  },
  '/f/': {
    whole: { requests: 30, keys: 8035, grpc: 305, gateway: 915 },
    page: { requests: 25, keys: 7565, grpc: 290, gateway: 805 },
  },
  '/g/': {
    whole: { requests: 35, keys: 7460, grpc: 460, gateway: 1105 },
    page: { requests: 35, keys: 7530, grpc: 455, gateway: 1115 },
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
