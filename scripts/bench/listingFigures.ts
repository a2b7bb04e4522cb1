import type { EtcdServer } from '../../test/fixtures/etcdServer.ts';
import { Contestant, runEtcdctl } from './contestants.ts';
import { median } from './tables.ts';
import { TRANSPORTS, type TransportName } from './ways.ts';
import type { Listed } from './worker.ts';

/** What the tree asks for at first. */
export const PAGE = 500;
const ROUNDS = 5;
const ETCDCTL_ROUNDS = 3;

export interface OwnFigures {
  readonly milliseconds: number;
  readonly pageMilliseconds: number;
  readonly firstChildMilliseconds: number;
  readonly requests: number;
  readonly bytes: number;
  readonly children: number;
  readonly memory: number;
}

export interface OtherFigures {
  readonly milliseconds: number;
  readonly memory: number;
}

export interface Measured {
  readonly version: string;
  readonly shape: string;
  readonly folder: string;
  readonly delay: number;
  readonly own: Partial<Record<TransportName, OwnFigures>>;
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
  /** Round-trip time that is added, in milliseconds; with it only gRPC and etcdctl are measured. */
  readonly delay: number;
}

/** Measures the ways to list a folder in turns, so that all of them meet the same moods of the machine. */
export async function measure({ shape, folder, server, endpoint, etcdctl, delay }: Course): Promise<Measured> {
  const transports = delay === 0 ? TRANSPORTS : (['grpc'] as const);
  const contestants = new Map<TransportName, Contestant>();
  for (const transport of transports) contestants.set(transport, await Contestant.start(transport, endpoint, folder));
  const first = new Map<TransportName, Listed>();
  // What a process does for the first time takes longer: of this turn only the memory counts.
  for (const [transport, contestant] of contestants) first.set(transport, await contestant.list());

  const own = new Map<TransportName, { whole: Listed; page: Listed; child: Listed }[]>();
  const others: OtherFigures[] = [];
  for (let round = 0; round < (delay === 0 ? ROUNDS : ETCDCTL_ROUNDS); round++) {
    if (round < (delay === 0 ? ETCDCTL_ROUNDS : 1)) others.push(await runEtcdctl(etcdctl, endpoint, folder));
    for (const [transport, contestant] of contestants) {
      const rounds = own.get(transport) ?? [];
      const child = await contestant.list(1);
      const page = await contestant.list(PAGE);
      rounds.push({ child, page, whole: await contestant.list() });
      own.set(transport, rounds);
    }
  }
  for (const contestant of contestants.values()) await contestant.end();

  const figures: Partial<Record<TransportName, OwnFigures>> = {};
  for (const [transport, rounds] of own) {
    const whole = rounds.map((round) => round.whole);
    figures[transport] = {
      milliseconds: median(whole.map(({ milliseconds }) => milliseconds)),
      pageMilliseconds: median(rounds.map(({ page }) => page.milliseconds)),
      firstChildMilliseconds: median(rounds.map(({ child }) => child.milliseconds)),
      requests: median(whole.map(({ requests }) => requests)),
      bytes: median(whole.map(({ bytes }) => bytes)),
      children: whole[0]?.children ?? 0,
      memory: first.get(transport)?.memory ?? 0,
    };
  }
  return {
    ...{ version: server.version, shape, folder, delay, own: figures },
    etcdctl: { milliseconds: median(others.map(({ milliseconds }) => milliseconds)), memory: others[0]?.memory ?? 0 },
    ...(delay === 0 && {
      gatewayScan: await once('gateway scan', endpoint, folder),
      wholeSubtree: await once('whole subtree', endpoint, folder),
    }),
  };
}

async function once(way: 'gateway scan' | 'whole subtree', endpoint: string, folder: string): Promise<OtherFigures> {
  const contestant = await Contestant.start(way, endpoint, folder);
  const { milliseconds, memory } = await contestant.list();
  await contestant.end();
  return { milliseconds, memory };
}
