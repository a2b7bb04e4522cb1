import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';
import { joined, properties, texts } from './values.ts';

/** The value that APISIX gives to a key that stands for a folder. */
const FOLDER_MARK = 'init_dir';

/** An API gateway. */
export const apisix: Layout = {
  product: 'Apache APISIX',
  docs: 'https://apisix.apache.org/docs/apisix/admin-api/',
  prefix: '/apisix/',
  rules: [
    { pattern: /^\/apisix\/$/, icon: 'globe', what: () => l10n.t('API gateway') },
    ...objects('routes', 'link', () => l10n.t('route'), routeSummary),
    ...objects('upstreams', 'server', () => l10n.t('upstream'), nodesSummary),
    ...objects('services', 'layers', () => l10n.t('service'), named),
    ...objects(
      'consumers',
      'account',
      () => l10n.t('consumer'),
      (value) => joined('', properties(value)['username']),
    ),
    ...objects(
      'ssls',
      'lock',
      () => l10n.t('certificate'),
      (value) => {
        const { sni, snis } = properties(value);
        return joined(', ', sni, ...(Array.isArray(snis) ? (snis as unknown[]) : []));
      },
    ),
    ...objects('global_rules', 'list-ordered', () => l10n.t('global rule'), pluginsSummary),
    ...objects('plugin_configs', 'extensions', () => l10n.t('plugin configuration'), pluginsSummary),
    ...objects('plugin_metadata', 'extensions', () => l10n.t('plugin metadata')),
    ...objects('protos', 'symbol-interface', () => l10n.t('protobuf definition')),
    ...objects('stream_routes', 'link', () => l10n.t('stream route'), routeSummary),
  ],
};

function objects(
  type: string,
  icon: string,
  what: () => string,
  summary?: (value: string) => string | undefined,
): Layout['rules'] {
  const marked = (value: string) => (value === FOLDER_MARK ? l10n.t('Marks a folder.') : undefined);
  return [
    { pattern: new RegExp(`^/apisix/${type}/[^/]+$`), icon, what, ...(summary && { summary }) },
    { pattern: new RegExp(`^/apisix/${type}/?$`), icon, what: () => type.replaceAll('_', ' '), summary: marked },
  ];
}

function named(value: string): string | undefined {
  return joined('', properties(value)['name']);
}

function routeSummary(value: string): string | undefined {
  const { methods, uri, uris, upstream, upstream_id: id } = properties(value);
  const list = (many: unknown) => (Array.isArray(many) ? texts(...(many as unknown[])) : []);
  const what = joined(' ', list(methods).join(' '), uri, list(uris).join(' '));
  const to = isRecord(upstream) ? nodeCount(upstream) : joined('', id);
  return joined(' → ', what, to);
}

function nodesSummary(value: string): string | undefined {
  const upstream = properties(value);
  return joined(', ', upstream['type'], nodeCount(upstream));
}

/** Counts the nodes, which are a list, or an object with addresses as names. */
function nodeCount({ nodes }: Readonly<Record<string, unknown>>): string | undefined {
  if (!Array.isArray(nodes) && !isRecord(nodes)) return undefined;
  const { length } = Object.keys(nodes);
  return length === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', length);
}

function pluginsSummary(value: string): string | undefined {
  const { plugins } = properties(value);
  return isRecord(plugins) ? joined(', ', ...Object.keys(plugins)) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
