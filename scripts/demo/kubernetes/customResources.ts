import { minutesAgo, type DemoEntry } from '../entry.ts';
import type { Random } from '../random.ts';

interface Place {
  readonly plural: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const definitions: readonly [Place, Place, Place, Place] = [
  { plural: 'certificates', group: 'cert-manager.io', version: 'v1', kind: 'Certificate' },
  { plural: 'clusterissuers', group: 'cert-manager.io', version: 'v1', kind: 'ClusterIssuer' },
  { plural: 'applications', group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' },
  { plural: 'servicemonitors', group: 'monitoring.coreos.com', version: 'v1', kind: 'ServiceMonitor' },
];

/** Yields custom resources, which the API server stores as JSON in one line, with their definitions. */
export function* customResources(
  random: Random,
  applications: Readonly<Record<string, readonly string[]>>,
): Iterable<DemoEntry> {
  const [certificate, clusterIssuer, application, serviceMonitor] = definitions;

  function resource({ plural, group, version, kind }: Place, namespace: string, name: string, rest: object): DemoEntry {
    const metadata = {
      creationTimestamp: minutesAgo(random.between(600, 400_000)),
      generation: random.between(1, 9),
      name,
      ...(namespace && { namespace }),
      uid: random.uuid(),
    };
    const folder = namespace ? `${namespace}/` : '';
    const value = { apiVersion: `${group}/${version}`, kind, metadata, ...rest };
    return { key: `/registry/${group}/${plural}/${folder}${name}`, value: `${JSON.stringify(value)}\n` };
  }

  const customResourceDefinition: Place = {
    plural: 'customresourcedefinitions',
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
  };
  for (const { plural, group, version, kind } of definitions) {
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    yield resource(customResourceDefinition, '', `${plural}.${group}`, {
      spec: {
        group,
        names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
        scope: kind === 'ClusterIssuer' ? 'Cluster' : 'Namespaced',
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    });
  }

  for (const issuer of ['letsencrypt-production', 'letsencrypt-staging']) {
    const server = `https://acme.example.com/${issuer}/directory`;
    yield resource(clusterIssuer, '', issuer, {
      spec: { acme: { email: 'platform@example.com', server, privateKeySecretRef: { name: `${issuer}-account` } } },
      status: { conditions: [{ type: 'Ready', status: 'True', reason: 'ACMEAccountRegistered' }] },
    });
  }

  for (const [namespace, apps] of Object.entries(applications)) {
    for (const app of apps) {
      yield resource(certificate, namespace, `${app}-tls`, {
        spec: {
          dnsNames: [`${app}.${namespace}.example.com`],
          issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt-production' },
          privateKey: { algorithm: 'ECDSA', size: 256 },
          secretName: `${app}-tls`,
        },
        status: {
          conditions: [{ type: 'Ready', status: 'True', message: 'Certificate is up to date and has not expired' }],
          notAfter: minutesAgo(-random.between(10_000, 120_000)),
          revision: random.between(1, 12),
        },
      });
      yield resource(serviceMonitor, namespace, app, {
        spec: { endpoints: [{ interval: '30s', path: '/metrics', port: 'http' }], selector: { matchLabels: { app } } },
      });
      const revision = random.hex(40);
      yield resource(application, 'argocd', `${namespace}-${app}`, {
        spec: {
          destination: { namespace, server: 'https://kubernetes.default.svc' },
          project: namespace,
          source: { path: `${namespace}/${app}`, repoURL: 'https://git.example.com/platform/deploy.git' },
          syncPolicy: { automated: { prune: true, selfHeal: true } },
        },
        status: { health: { status: 'Healthy' }, sync: { revision, status: 'Synced' } },
      });
    }
  }
}
