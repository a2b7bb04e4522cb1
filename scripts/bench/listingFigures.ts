import type { EtcdServer } from '../../test/fixtures/etcdServer.ts';
import { sum } from '../../src/etcd/sum.ts';
import { Contestant, runEtcdctl } from './contestants.ts';
import { median } from './tables.ts';
import { PAGE, TRANSPORTS, type TransportName } from './ways.ts';
import type { Listed, WayName } from './worker.ts';

const ROUNDS = 5;
/** Rounds with a delay, and of etcdctl without one. */
const FEW_ROUNDS = 3;
/** Milliseconds after which etcdctl is not run again, because long runs vary little. */
const ETCDCTL_TIME = 5000;

export interface OwnFigures {
  readonly milliseconds: number;
  readonly pageMilliseconds: number;
  readonly firstChildMilliseconds: number;
  /** Milliseconds if the folder was listed before. */
  readonly againMilliseconds: number;
  /** Sequential round trips until the first children of a page are reported. */
  readonly firstChildTrips: number;
  readonly requests: number;
  readonly bytes: number;
  readonly children: number;
  readonly memory: number;
}

export interface OtherFigures {
  readonly milliseconds: number;
  readonly memory: number;
}

/** Lower bounds for all children and for a page; see `idealWay`. */
export interface FloorFigures {
  readonly milliseconds: number;
  readonly pageMilliseconds: number;
  readonly requests: number;
  readonly bytes: number;
}

export interface Measured {
  readonly version: string;
  readonly shape: string;
  readonly folder: string;
  readonly delay: number;
  readonly own: Partial<Record<TransportName, OwnFigures>>;
  readonly floor: FloorFigures;
  readonly etcdctl: OtherFigures;
  readonly gatewayScan?: OtherFigures;
  readonly wholeSubtree?: OtherFigures;
}

export interface Course {
  readonly shape: string;
  readonly folder: string;
  readonly server: EtcdServer;
  readonly endpoint: string;
  readonly etcdctl: string;
  /** Size of the bench's keyspace. */
  readonly size: number;
  /** Added round-trip time in milliseconds; with one, only gRPC and etcdctl are measured. */
  readonly delay: number;
}

interface Round {
  readonly child: Listed;
  readonly page: Listed;
  readonly whole: Listed;
  readonly again: Listed;
}

/** Measures the ways to list a folder in turns, so that the machine's load affects all of them alike. */
export async function measure({ shape, folder, server, endpoint, etcdctl, size, delay }: Course): Promise<Measured> {
  const transports = delay === 0 ? TRANSPORTS : (['grpc'] as const);
  const start = async (way: WayName) => await Contestant.start(way, endpoint, folder, size, delay);
  const contestants = new Map<TransportName, Contestant>();
  for (const transport of transports) contestants.set(transport, await start(transport));
  const ideal = await start('floor');
  const first = new Map<TransportName, Listed>();
  // The first run of a process takes longer, so only its memory counts.
  for (const [transport, contestant] of contestants) first.set(transport, await contestant.list());
  for (const most of [PAGE, 0, PAGE, 0]) await ideal.list(most);

  const own = new Map<TransportName, Round[]>();
  const floors: { readonly whole: Listed; readonly page: Listed }[] = [];
  const others: OtherFigures[] = [];
  for (let round = 0; round < (delay === 0 ? ROUNDS : FEW_ROUNDS); round++) {
    const mayRun =
      round < (delay === 0 ? FEW_ROUNDS : 1) && sum(others.map((each) => each.milliseconds)) < ETCDCTL_TIME;
    if (mayRun) others.push(await runEtcdctl(etcdctl, endpoint, folder));
    for (const [transport, contestant] of contestants) {
      const rounds = own.get(transport) ?? [];
      const [child, page] = [await contestant.list(1), await contestant.list(PAGE)];
      rounds.push({ child, page, whole: await contestant.list(), again: await contestant.list(0, true) });
      own.set(transport, rounds);
    }
    floors.push({ page: await ideal.list(PAGE), whole: await ideal.list() });
  }
  for (const contestant of [...contestants.values(), ideal]) await contestant.end();

  const figures: Partial<Record<TransportName, OwnFigures>> = {};
  for (const [transport, rounds] of own) {
    const whole = rounds.map((round) => round.whole);
    figures[transport] = {
      milliseconds: median(whole.map(({ milliseconds }) => milliseconds)),
      pageMilliseconds: median(rounds.map(({ page }) => page.milliseconds)),
      firstChildMilliseconds: median(rounds.map(({ child }) => child.milliseconds)),
      againMilliseconds: median(rounds.map(({ again }) => again.milliseconds)),
      firstChildTrips: Math.max(...rounds.map(({ page }) => page.trips ?? 0)),
      requests: median(whole.map(({ requests }) => requests)),
      bytes: median(whole.map(({ bytes }) => bytes)),
      children: whole[0]?.children ?? 0,
      memory: first.get(transport)?.memory ?? 0,
    };
  }
  return {
    ...{ version: server.version, shape, folder, delay, own: figures },
    floor: {
      milliseconds: median(floors.map(({ whole }) => whole.milliseconds)),
      pageMilliseconds: median(floors.map(({ page }) => page.milliseconds)),
      requests: median(floors.map(({ whole }) => whole.requests)),
      bytes: median(floors.map(({ whole }) => whole.bytes)),
    },
    etcdctl: { milliseconds: median(others.map(({ milliseconds }) => milliseconds)), memory: others[0]?.memory ?? 0 },
    ...(delay === 0 && {
      gatewayScan: await once(await start('gateway scan')),
      wholeSubtree: await once(await start('whole subtree')),
    }),
  };
}

async function once(contestant: Contestant): Promise<OtherFigures> {
  const { milliseconds, memory } = await contestant.list();
  await contestant.end();
  return { milliseconds, memory };
}
