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

/** A fifth above what etcd 3.4 and 3.5 were seen to take, of both paces the larger. */
const BOUNDS: Readonly<Record<string, { readonly whole: Bounds; readonly page: Bounds }>> = {
  '/a/': {
    whole: { requests: 7, keys: 1300, grpc: 55, gateway: 150 },
    page: { requests: 7, keys: 1300, grpc: 55, gateway: 150 },
  },
  '/a/type05/': {
    whole: { requests: 10, keys: 1350, grpc: 60, gateway: 170 },
    page: { requests: 10, keys: 1350, grpc: 60, gateway: 170 },
  },
  '/a/type05/dir-0007/': {
    whole: { requests: 1, keys: 125, grpc: 10, gateway: 15 },
    page: { requests: 1, keys: 125, grpc: 10, gateway: 15 },
  },
  '/b/': {
    whole: { requests: 43, keys: 29695, grpc: 1025, gateway: 2940 },
    page: { requests: 42, keys: 29540, grpc: 1020, gateway: 3185 },
  },
  '/c/': {
    whole: { requests: 4, keys: 5000, grpc: 170, gateway: 530 },
    page: { requests: 3, keys: 1875, grpc: 65, gateway: 200 },
  },
  '/d/': {
    whole: { requests: 6, keys: 12500, grpc: 320, gateway: 1175 },
    page: { requests: 3, keys: 1250, grpc: 35, gateway: 120 },
  },
  '/e/': {
    whole: { requests: 10, keys: 1295, grpc: 75, gateway: 195 },
    page: { requests: 10, keys: 1295, grpc: 75, gateway: 195 },
  },
  '/e/pods/': {
    whole: { requests: 16, keys: 2690, grpc: 140, gateway: 365 },
    page: { requests: 16, keys: 2690, grpc: 140, gateway: 365 },
  },
  '/e/pods/default/': {
    whole: { requests: 3, keys: 1420, grpc: 65, gateway: 170 },
    page: { requests: 3, keys: 1250, grpc: 60, gateway: 150 },
  },
  '/f/': {
    whole: { requests: 33, keys: 11155, grpc: 405, gateway: 1225 },
    page: { requests: 33, keys: 11155, grpc: 405, gateway: 1225 },
  },
  '/g/': {
    whole: { requests: 21, keys: 7710, grpc: 465, gateway: 1105 },
    page: { requests: 21, keys: 7710, grpc: 465, gateway: 1105 },
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
