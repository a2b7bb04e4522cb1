import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { OneEndpoint, type EndpointSettings } from '../v3/oneEndpoint.ts';
import { memberName, type ClusterReader, type Member, type MemberState } from './clusterAdmin.ts';
import { isFigureMetric } from './figures.ts';
import { parseMetrics, type Metrics } from './metricsText.ts';

/** Limit of the metrics that a member serves. */
export const MAX_METRICS_BYTES = 16 * 1024 * 1024;
/** The metric whose label is the member's id, in hexadecimal digits. */
const ID_METRIC = 'etcd_server_id';

/**
 * The metrics that members serve at the addresses in the settings, in place of their endpoints. Which member serves them
 * where is read from the metrics. No password is sent there, and other ports are never tried.
 */
export class MemberMetrics {
  readonly #settings: EndpointSettings;
  /** The origin at which each member served its metrics last. */
  readonly #origins = new Map<bigint, string>();

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
  }

  get areElsewhere(): boolean {
    return this.#all.length > 0;
  }

  get #all(): readonly string[] {
    return this.#settings.metricsOrigins ?? [];
  }

  /** Reads a member's metrics. @throws EtcdError as `ClusterReader.metrics` */
  async find(member: Pick<Member, 'id' | 'name'>, signal: AbortSignal | undefined): Promise<Metrics> {
    const known = this.#origins.get(member.id);
    this.#origins.delete(member.id);
    const asked = known === undefined ? this.#all : [known];
    const answers = await Promise.allSettled(asked.map((origin) => this.#read(origin, signal)));
    const found = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled' && isOf(answer.value, member.id) ? [{ metrics: answer.value, index }] : [],
    );
    const [first] = found;
    if (first) {
      this.#origins.set(member.id, asked[first.index] ?? '');
      return first.metrics;
    }
    if (known !== undefined) return await this.find(member, signal);
    const failed = answers.find((answer) => answer.status === 'rejected');
    throw failed ? failed.reason : notServed(member);
  }

  async #read(origin: string, signal: AbortSignal | undefined): Promise<Metrics> {
    const { connect } = this.#settings.endpoints.limits;
    const endpoint = new OneEndpoint(origin, this.#settings, { connect, response: connect });
    try {
      return await readMetrics(endpoint, signal);
    } finally {
      endpoint.close();
    }
  }
}

/** Reads the metrics that an endpoint serves. @throws EtcdError `unsupported` if there are none */
export async function readMetrics(endpoint: OneEndpoint, signal: AbortSignal | undefined): Promise<Metrics> {
  const { status, text } = await endpoint.read('/metrics', MAX_METRICS_BYTES, signal);
  const metrics = status === 200 ? parseMetrics(text, isFigureMetric) : undefined;
  if (metrics && metrics.size > 0) return metrics;
  throw new EtcdError(
    'unsupported',
    l10n.t(
      '{0} serves no metrics (HTTP {1}). If this etcd serves them at another address (--listen-metrics-urls), set "metricsUrl" of the connection to it.',
      new URL(endpoint.origin).host,
      status,
    ),
    { notCarriedOut: true },
  );
}

/** Returns the metrics that came with a member's state, or else asks for them. @throws EtcdError as `ClusterReader.metrics` */
export async function metricsOf(
  cluster: Pick<ClusterReader, 'metrics'>,
  member: MemberState,
  signal: AbortSignal | undefined,
): Promise<Metrics> {
  const known = member.answer.kind === 'answered' ? member.answer.metrics : undefined;
  return known ?? (await cluster.metrics(member, signal));
}

function isOf(metrics: Metrics, id: bigint): boolean {
  return metrics.get(ID_METRIC)?.some(({ labels }) => labels['server_id'] === id.toString(16)) ?? false;
}

function notServed(member: Pick<Member, 'id' | 'name'>): EtcdError {
  const message = l10n.t(
    'No address in "metricsUrl" serves the metrics of the member {0}. Add its address to this setting.',
    memberName(member),
  );
  return new EtcdError('unsupported', message, { notCarriedOut: true });
}
