import * as l10n from '@vscode/l10n';
import { advisoriesFor } from '../cluster/advisories.ts';
import { memberName, type ClusterReader } from '../cluster/clusterAdmin.ts';
import { MAX_METRICS_BYTES } from '../cluster/memberMetrics.ts';
import { EtcdError } from '../errors.ts';
import type { Credentials } from '../http/etcdConnection.ts';
import { HttpClient } from '../http/httpClient.ts';
import type { TransportName } from '../v3/signedInSession.ts';
import { connectEtcd, type EtcdSettings, type OpenEtcd } from './connect.ts';

const SECOND = 1000;
const MAX_VERSION_BYTES = 64 * 1024;

/** What it takes to ask a server for facts. */
export interface ServerQuestion {
  /** Settings with a single endpoint. */
  readonly settings: EtcdSettings;
  readonly credentials: Credentials | undefined;
  /** The open connection to that endpoint. */
  readonly connection: OpenEtcd;
  readonly signal: AbortSignal;
}

/** Names the member that answers. */
export async function memberFact(cluster: ClusterReader, signal: AbortSignal): Promise<string> {
  const member = await cluster.answering(signal);
  const name = memberName(member);
  if (member.isLeader === undefined) return l10n.t('{0}; etcd does not show this user which member leads', name);
  return member.isLeader ? l10n.t('{0}, the leader', name) : l10n.t('{0}, a follower', name);
}

/** Lists the published faults of the server's version. */
export function versionFact(serverVersion: string): string {
  if (serverVersion === '') return l10n.t('the version is not known');
  const known = advisoriesFor(serverVersion);
  if (known.length === 0) return l10n.t('none known');
  return known.map(({ name, effect, fixedIn }) => l10n.t('{0} ({1}; fixed in {2})', effect, name, fixedIn)).join('; ');
}

/** Compares the server's clock with this machine's. */
export async function clockFact({ settings, signal }: ServerQuestion): Promise<string> {
  const started = Date.now();
  const answer = await attempted(() => read(settings, '/version', MAX_VERSION_BYTES, signal));
  if ('failure' in answer) return l10n.t('not known, because it does not answer over HTTP/1.1');
  return clockText(String(answer.value.headers['date']), started, Date.now());
}

/**
 * Describes how far a server's clock is from this machine's.
 * @param header the header `Date` of an answer, which has whole seconds
 * @param started when the request was sent, in milliseconds since 1970
 * @param ended when the answer arrived
 */
export function clockText(header: string, started: number, ended: number): string {
  const date = Date.parse(header);
  if (Number.isNaN(date)) return l10n.t('this server does not report it');
  const [ahead, behind] = [date - ended, started - (date + SECOND)];
  const seconds = (milliseconds: number) => Math.ceil(milliseconds / SECOND).toLocaleString();
  if (ahead > SECOND) return l10n.t("{0} s ahead of this machine's clock: correct one of them", seconds(ahead));
  if (behind > SECOND) return l10n.t("{0} s behind this machine's clock: correct one of them", seconds(behind));
  return l10n.t("agrees with this machine's clock");
}

/** Describes which of gRPC, the JSON gateway and the metrics are available. */
export async function transportsFact(question: ServerQuestion): Promise<string> {
  const [grpc, gateway, metrics] = await Promise.all([
    transportFact(question, 'grpc'),
    transportFact(question, 'gateway'),
    metricsFact(question),
  ]);
  return [l10n.t('gRPC: {0}', grpc), l10n.t('JSON gateway: {0}', gateway), l10n.t('metrics: {0}', metrics)].join('; ');
}

async function transportFact(question: ServerQuestion, transport: TransportName): Promise<string> {
  const { settings, credentials, connection, signal } = question;
  if (connection.transport === transport) return l10n.t('answers');
  const opened = await attempted(() => connectEtcd({ ...settings, api: 'v3', transport }, credentials, signal));
  if ('failure' in opened) return l10n.t('does not answer ({0})', opened.failure.message);
  opened.value.close();
  return l10n.t('answers');
}

/** Says whether metrics are served where they are read from: at the endpoint or, if they are set, at other origins. */
async function metricsFact({ settings, signal }: ServerQuestion): Promise<string> {
  const { metricsOrigins = [] } = settings;
  if (metricsOrigins.length === 0) return await servedAt(settings, signal);
  const found = metricsOrigins.map(
    async (origin) => `${origin} ("metricsUrl") ${await servedAt({ ...settings, endpoints: [origin] }, signal)}`,
  );
  return (await Promise.all(found)).join(', ');
}

async function servedAt(settings: EtcdSettings, signal: AbortSignal): Promise<string> {
  const answer = await attempted(() => read(settings, '/metrics', MAX_METRICS_BYTES, signal));
  if ('failure' in answer) return l10n.t('not served ({0})', answer.failure.message);
  const { status, text } = answer.value;
  return status === 200 && text.includes('\netcd_') ? l10n.t('served') : l10n.t('not served (HTTP {0})', status);
}

async function read(settings: EtcdSettings, path: string, maxBytes: number, signal: AbortSignal) {
  const http = new HttpClient(settings);
  try {
    return await http.send({ method: 'GET', path, repeatable: true, maxBytes, signal });
  } finally {
    http.close();
  }
}

/** Runs a request whose failure is an answer too, unless the user has canceled. */
async function attempted<T>(run: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: EtcdError }> {
  try {
    return { value: await run() };
  } catch (error) {
    if (!EtcdError.is(error) || error.kind === 'cancelled') throw error;
    return { failure: error };
  }
}
