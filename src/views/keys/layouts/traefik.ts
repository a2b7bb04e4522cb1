import * as l10n from '@vscode/l10n';
import type { Layout } from './layout.ts';

/** A reverse proxy. Each key is one option, whose value is its text. */
export const traefik: Layout = {
  product: 'Traefik',
  docs: 'https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/kv/',
  rules: [
    { pattern: /^\/?traefik\/$/, icon: 'globe', what: () => l10n.t('dynamic configuration') },
    { pattern: /^\/?traefik\/(?:http|tcp|udp)\/routers\/[^/]+\/$/, icon: 'link', what: () => l10n.t('router') },
    { pattern: /^\/?traefik\/(?:http|tcp|udp)\/services\/[^/]+\/$/, icon: 'server', what: () => l10n.t('service') },
    { pattern: /^\/?traefik\/(?:http|tcp)\/middlewares\/[^/]+\/$/, icon: 'filter', what: () => l10n.t('middleware') },
    {
      pattern: /^\/?traefik\/(?:http|tcp)\/routers\/(?<router>[^/]+)\/rule$/,
      icon: 'link',
      what: ({ router = '' }) => l10n.t('rule of {0}', router),
      summary: (value) => value,
    },
    {
      pattern: /^\/?traefik\/(?:http|tcp|udp)\/routers\/[^/]+\/entrypoints\/\d+$/i,
      icon: 'plug',
      what: () => l10n.t('entry point'),
      summary: (value) => value,
    },
    {
      pattern: /^\/?traefik\/(?:http|tcp|udp)\/services\/[^/]+\/loadbalancer\/servers\/\d+\/(?:url|address)$/i,
      icon: 'server',
      what: () => l10n.t('address of a server'),
      summary: (value) => value,
    },
    {
      pattern: /^\/?traefik\/(?:http|tcp)\/middlewares\/[^/]+\/.+$/,
      icon: 'filter',
      what: () => l10n.t('option of a middleware'),
    },
    { pattern: /^\/?traefik\/tls\/.+[^/]$/, icon: 'lock', what: () => l10n.t('TLS option') },
  ],
};
