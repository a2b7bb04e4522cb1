import { renewedLeaseSeconds, type DemoEntry } from '../entry.ts';
import { Random } from '../random.ts';
import { customResources } from './customResources.ts';
import * as objects from './objects.ts';
import type { Meta, Node, PodAddress, Rule, Workload } from './objects.ts';

/** The applications in each namespace of the imaginary cluster. */
const applications: Readonly<Record<string, readonly string[]>> = {
  argocd: ['argocd-applicationset-controller', 'argocd-dex-server', 'argocd-repo-server', 'argocd-server'],
  'cert-manager': ['cert-manager', 'cert-manager-cainjector', 'cert-manager-webhook'],
  'data-platform': ['airflow-scheduler', 'airflow-webserver', 'spark-operator', 'superset', 'trino-coordinator'],
  default: ['hello'],
  identity: ['keycloak', 'oauth2-proxy', 'user-directory'],
  'ingress-nginx': ['ingress-nginx-controller', 'ingress-nginx-defaultbackend'],
  'kube-node-lease': [],
  'kube-public': [],
  'kube-system': ['cluster-autoscaler', 'coredns', 'metrics-server', 'snapshot-controller'],
  logging: ['fluentd-aggregator', 'loki-gateway', 'opensearch-dashboards', 'vector-aggregator'],
  monitoring: ['alertmanager', 'blackbox-exporter', 'grafana', 'kube-state-metrics', 'prometheus-adapter'],
  'payments-prod': ['fraud-check', 'ledger', 'payment-gateway', 'payout', 'reconciliation', 'refunds'],
  'payments-staging': ['fraud-check', 'ledger', 'payment-gateway', 'payout', 'reconciliation', 'refunds'],
  'shop-prod': ['cart', 'catalog', 'checkout', 'inventory', 'notifications', 'orders', 'pricing', 'search', 'web'],
  'shop-staging': ['cart', 'catalog', 'checkout', 'inventory', 'notifications', 'orders', 'pricing', 'search', 'web'],
  'team-sandbox': ['demo-api', 'demo-web', 'load-generator'],
};

const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] as const;
const memorySizes = ['128Mi', '256Mi', '512Mi', '1Gi', '2Gi'] as const;
const everyday = ['get', 'list', 'watch'];
const clusterRoles: Readonly<Record<string, readonly Rule[]>> = {
  admin: [{ verbs: ['*'], groups: ['', 'apps', 'batch'], resources: ['*'] }],
  'cluster-admin': [{ verbs: ['*'], groups: ['*'], resources: ['*'] }],
  edit: [{ verbs: [...everyday, 'create', 'update', 'patch', 'delete'], groups: ['', 'apps'], resources: ['*'] }],
  'system:coredns': [{ verbs: everyday, groups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'] }],
  'system:kube-scheduler': [{ verbs: everyday, groups: [''], resources: ['nodes', 'pods', 'bindings'] }],
  'system:node': [
    { verbs: ['create', ...everyday], groups: ['', 'coordination.k8s.io'], resources: ['nodes', 'leases'] },
  ],
  view: [{ verbs: everyday, groups: ['', 'apps', 'batch', 'autoscaling'], resources: ['*'] }],
};

/** Letters of the names that Kubernetes generates: no vowels, and so no words. */
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789';

class Registry {
  readonly #random = new Random('kubernetes');
  readonly #nodes = this.#makeNodes();

  *entries(): Iterable<DemoEntry> {
    yield { key: 'compact_rev_key', value: '48211907' };
    yield* this.#cluster();
    for (const [namespace, apps] of Object.entries(applications)) {
      yield* this.#namespace(namespace);
      for (const app of apps) {
        yield* this.#application(namespace, app);
      }
    }
    yield* customResources(this.#random, applications);
  }

  #makeNodes(): readonly [Node, ...Node[]] {
    const node = (index: number): Node => ({
      name: `node-${String(index).padStart(2, '0')}.cluster.example.com`,
      address: `10.0.${index % zones.length}.${10 + index}`,
      podCidr: `10.244.${index}.0/24`,
      zone: zones[index % zones.length] ?? zones[0],
    });
    return [node(1), ...Array.from({ length: 11 }, (_, index) => node(index + 2))];
  }

  #meta(name: string, more: Partial<Meta> = {}): Meta {
    return {
      name,
      uid: this.#random.uuid(),
      ageMinutes: this.#random.between(600, 400_000),
      manager: 'kube-controller-manager',
      ...more,
    };
  }

  *#cluster(): Iterable<DemoEntry> {
    for (const node of this.#nodes) {
      const { name } = node;
      const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': node.zone };
      const meta = this.#meta(name, { labels, manager: 'kubelet' });
      yield { key: `/registry/minions/${name}`, value: objects.nodeObject(meta, node) };
      yield {
        key: `/registry/leases/kube-node-lease/${name}`,
        value: objects.leaseObject(this.#meta(name, { namespace: 'kube-node-lease', manager: 'kubelet' }), name, 40),
      };
    }
    for (const component of ['kube-controller-manager', 'kube-scheduler']) {
      const meta = this.#meta(component, { namespace: 'kube-system', manager: component });
      const holder = `${this.#nodes[0].name}_${this.#random.uuid()}`;
      yield { key: `/registry/leases/kube-system/${component}`, value: objects.leaseObject(meta, holder, 15) };
    }
    const { address } = this.#nodes[0];
    yield {
      key: `/registry/masterleases/${address}`,
      value: objects.masterLeaseObject(address),
      leaseSeconds: renewedLeaseSeconds,
    };
    for (const [name, rules] of Object.entries(clusterRoles)) {
      const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
      const meta = this.#meta(name, { labels, manager: 'kube-apiserver' });
      yield { key: `/registry/clusterroles/${name}`, value: objects.clusterRoleObject(meta, rules) };
    }
  }

  *#namespace(namespace: string): Iterable<DemoEntry> {
    const labels = { 'kubernetes.io/metadata.name': namespace };
    const certificate = this.#random.text(1200, nameLetters);
    yield {
      key: `/registry/namespaces/${namespace}`,
      value: objects.namespaceObject(this.#meta(namespace, { labels, manager: 'kube-apiserver' })),
    };
    yield {
      key: `/registry/serviceaccounts/${namespace}/default`,
      value: objects.serviceAccountObject(this.#meta('default', { namespace })),
    };
    yield {
      key: `/registry/configmaps/${namespace}/kube-root-ca.crt`,
      value: objects.configMapObject(this.#meta('kube-root-ca.crt', { namespace }), {
        'ca.crt': `Not a certificate, only as long as one:\n${certificate}\n`,
      }),
    };
  }

  *#application(namespace: string, app: string): Iterable<DemoEntry> {
    const random = this.#random;
    const workload: Workload = {
      app,
      image: `registry.example.com/${namespace}/${app}:${random.between(1, 4)}.${random.below(20)}.${random.below(10)}`,
      port: random.pick([3000, 8000, 8080, 8443, 9090]),
      replicas: namespace.endsWith('-prod') ? random.between(8, 24) : random.between(1, 4),
      memory: random.pick(memorySizes),
    };
    const selector = { app };
    const labels = { app, 'app.kubernetes.io/name': app, 'app.kubernetes.io/managed-by': 'Helm' };
    const scope = { namespace, labels };
    const helm = { ...scope, manager: 'helm' };
    const annotations = { 'deployment.kubernetes.io/revision': String(random.between(1, 40)) };
    const deployment = this.#meta(app, { ...helm, annotations });
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: app, uid: deployment.uid };
    const replicaSet = this.#meta(`${app}-${random.text(10, nameLetters)}`, { ...scope, owner });
    const place = (resource: string, name = app): string => `/registry/${resource}/${namespace}/${name}`;

    yield { key: place('deployments'), value: objects.deploymentObject(deployment, workload, selector) };
    yield {
      key: place('replicasets', replicaSet.name),
      value: objects.replicaSetObject(replicaSet, workload, selector),
    };
    yield { key: place('serviceaccounts'), value: objects.serviceAccountObject(this.#meta(app, helm)) };
    const clusterIp = `10.96.${random.below(256)}.${random.between(1, 254)}`;
    yield { key: place('services/specs'), value: objects.serviceObject(this.#meta(app, helm), workload, clusterIp) };
    yield* this.#configuration(workload, helm, place);

    const pods: PodAddress[] = [];
    for (let replica = 0; replica < workload.replicas; replica++) {
      pods.push(yield* this.#pod(workload, replicaSet, scope, place));
    }
    const endpoints = objects.endpointsObject(this.#meta(app, scope), workload, pods);
    yield { key: place('services/endpoints'), value: endpoints };

    const binding = `${namespace}:${app}:view`;
    yield {
      key: `/registry/clusterrolebindings/${binding}`,
      value: objects.clusterRoleBindingObject(this.#meta(binding, { labels }), 'view', app, namespace),
    };
  }

  *#configuration(
    { app, port }: Workload,
    helm: Partial<Meta>,
    place: (resource: string, name?: string) => string,
  ): Iterable<DemoEntry> {
    const configName = `${app}-config`;
    yield {
      key: place('configmaps', configName),
      value: objects.configMapObject(this.#meta(configName, helm), {
        'application.yaml': `server:\n  port: ${port}\nlogging:\n  level: info\n  format: json\n`,
        LOG_LEVEL: 'info',
      }),
    };
    const secrets = [
      { name: `${app}-credentials`, type: 'Opaque', data: { username: app, password: 'dummy' } },
      { name: `${app}-tls`, type: 'kubernetes.io/tls', data: { 'tls.crt': 'dummy', 'tls.key': 'dummy' } },
      {
        name: `sh.helm.release.v1.${app}.v${this.#random.between(1, 9)}`,
        type: 'helm.sh/release.v1',
        data: { release: Buffer.from(this.#random.bytes(this.#random.between(1500, 6000))).toString('base64') },
      },
    ];
    for (const { name, type, data } of secrets) {
      yield { key: place('secrets', name), value: objects.secretObject(this.#meta(name, helm), type, data) };
    }
  }

  *#pod(
    workload: Workload,
    replicaSet: Meta,
    scope: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
    place: (resource: string, name?: string) => string,
  ): Generator<DemoEntry, PodAddress> {
    const random = this.#random;
    const node = random.pick(this.#nodes);
    const address = node.podCidr.replace('0/24', String(random.between(2, 254)));
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet.name, uid: replicaSet.uid };
    const meta = this.#meta(`${replicaSet.name}-${random.text(5, nameLetters)}`, {
      ...scope,
      generateName: `${replicaSet.name}-`,
      owner,
    });
    yield { key: place('pods', meta.name), value: objects.podObject(meta, workload, node, address) };

    const events = [
      ['Scheduled', `Successfully assigned ${scope.namespace}/${meta.name} to ${node.name}`, 'default-scheduler'],
      ['Pulled', `Container image "${workload.image}" already present on machine`, 'kubelet'],
      ['Created', `Created container: ${workload.app}`, 'kubelet'],
      ['Started', `Started container ${workload.app}`, 'kubelet'],
    ] as const;
    for (const [reason, message, component] of events) {
      const name = `${meta.name}.${random.hex(16)}`;
      const eventMeta = this.#meta(name, {
        namespace: scope.namespace,
        ageMinutes: random.below(60),
        manager: component,
      });
      yield {
        key: place('events', name),
        value: objects.eventObject(eventMeta, {
          pod: meta.name,
          podUid: meta.uid,
          reason,
          message,
          component,
          node: node.name,
        }),
        leaseSeconds: 3600,
      };
    }
    return { address, node: node.name, pod: meta.name, uid: meta.uid };
  }
}

/** Yields the keys of a Kubernetes API server: built-in kinds as protobuf, custom resources as JSON. */
export function kubernetesKeyspace(): Iterable<DemoEntry> {
  return new Registry().entries();
}
