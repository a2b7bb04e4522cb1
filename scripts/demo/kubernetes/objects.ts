import { demoTime } from '../entry.ts';
import { storedObject, type ProtobufMessage } from './protobuf.ts';

// The numbers are the field numbers of the Kubernetes API's own .proto files.

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The metadata that the builders below need; `ageMinutes` counts back from the demo's time. */
export interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid: string;
  readonly ageMinutes: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: Owner;
  /** Name of the writer in the managed fields. */
  readonly manager: string;
}

export interface Node {
  readonly name: string;
  readonly address: string;
  readonly podCidr: string;
  readonly zone: string;
}

/** What a deployment and each of its pods run. */
export interface Workload {
  readonly app: string;
  readonly image: string;
  readonly port: number;
  readonly replicas: number;
  readonly memory: string;
}

function time(ageMinutes: number): ProtobufMessage {
  return { 1: demoTime / 1000 - ageMinutes * 60, 2: 0 };
}

function map(record: Readonly<Record<string, string>> = {}): Map<string, string> {
  return new Map(Object.entries(record));
}

function quantities(record: Readonly<Record<string, string>>): Map<string, ProtobufMessage> {
  return new Map(Object.entries(record).map(([name, amount]) => [name, { 1: amount }]));
}

function objectMeta(meta: Meta, apiVersion: string): ProtobufMessage {
  const fields = JSON.stringify({ 'f:metadata': { 'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {} } } });
  const { owner } = meta;
  return {
    1: meta.name,
    2: meta.generateName ?? '',
    3: meta.namespace ?? '',
    4: '',
    5: meta.uid,
    6: '',
    7: 1,
    8: time(meta.ageMinutes),
    11: map(meta.labels),
    12: map(meta.annotations),
    13: owner ? [{ 1: owner.kind, 3: owner.name, 4: owner.uid, 5: owner.apiVersion, 6: true, 7: true }] : [],
    17: [
      { 1: meta.manager, 2: 'Update', 3: apiVersion, 4: time(meta.ageMinutes), 6: 'FieldsV1', 7: { 1: fields }, 8: '' },
    ],
  };
}

function stored(apiVersion: string, kind: string, meta: Meta, rest: ProtobufMessage = {}): Uint8Array {
  return storedObject(apiVersion, kind, { 1: objectMeta(meta, apiVersion), ...rest });
}

function condition(type: string, ageMinutes: number): ProtobufMessage {
  return { 1: type, 2: 'True', 3: {}, 4: time(ageMinutes), 5: '', 6: '' };
}

function podSpec(workload: Workload, node?: Node): ProtobufMessage {
  const probe = { 1: { 2: { 1: '/healthz', 2: { 1: 0, 2: workload.port, 3: '' }, 3: '', 4: 'HTTP' } }, 2: 5, 4: 10 };
  return {
    1: [{ 1: 'config', 2: { 19: { 1: { 1: `${workload.app}-config` }, 3: 0o644 } } }],
    2: [
      {
        1: workload.app,
        2: workload.image,
        5: '',
        6: [{ 1: 'http', 2: 0, 3: workload.port, 4: 'TCP', 5: '' }],
        7: [
          { 1: 'LOG_LEVEL', 2: 'info' },
          { 1: 'OTEL_SERVICE_NAME', 2: workload.app },
        ],
        8: { 1: quantities({ memory: workload.memory }), 2: quantities({ cpu: '100m', memory: workload.memory }) },
        9: [{ 1: 'config', 2: true, 3: '/etc/app', 4: '' }],
        10: probe,
        11: probe,
        13: '/dev/termination-log',
        14: 'IfNotPresent',
      },
    ],
    3: 'Always',
    4: 30,
    6: 'ClusterFirst',
    8: workload.app,
    9: workload.app,
    10: node?.name ?? '',
    19: 'default-scheduler',
  };
}

function podTemplate(workload: Workload, labels: Readonly<Record<string, string>>): ProtobufMessage {
  return { 1: { 1: '', 2: '', 3: '', 4: '', 5: '', 6: '', 7: 0, 8: {}, 11: map(labels) }, 2: podSpec(workload) };
}

export function namespaceObject(meta: Meta): Uint8Array {
  return stored('v1', 'Namespace', meta, { 2: { 1: ['kubernetes'] }, 3: { 1: 'Active' } });
}

export function nodeObject(meta: Meta, node: Node): Uint8Array {
  return stored('v1', 'Node', meta, {
    2: { 1: node.podCidr, 2: '', 3: `demo://${node.zone}/${node.name}`, 4: false, 7: [node.podCidr] },
    3: {
      1: quantities({ cpu: '8', memory: '32620384Ki', pods: '110', 'ephemeral-storage': '101430960Ki' }),
      2: quantities({ cpu: '7910m', memory: '31495008Ki', pods: '110', 'ephemeral-storage': '93478772582' }),
      3: '',
      4: [condition('Ready', meta.ageMinutes)],
      5: [
        { 1: 'InternalIP', 2: node.address },
        { 1: 'Hostname', 2: node.name },
      ],
      7: {
        2: meta.uid,
        4: '6.1.0-28-amd64',
        5: 'Debian GNU/Linux 12 (bookworm)',
        7: 'v1.33.4',
        9: 'linux',
        10: 'amd64',
      },
    },
  });
}

export function podObject(meta: Meta, workload: Workload, node: Node, address: string): Uint8Array {
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return stored('v1', 'Pod', meta, {
    2: podSpec(workload, node),
    3: {
      1: 'Running',
      2: conditions.map((type) => condition(type, meta.ageMinutes)),
      3: '',
      4: '',
      5: node.address,
      6: address,
      7: time(meta.ageMinutes),
      9: 'Burstable',
      12: [{ 1: address }],
    },
  });
}

export function deploymentObject(
  meta: Meta,
  workload: Workload,
  selector: Readonly<Record<string, string>>,
): Uint8Array {
  const { replicas } = workload;
  const at = time(meta.ageMinutes);
  const available = { 1: 'Available', 2: 'True', 4: 'MinimumReplicasAvailable', 5: '', 6: at, 7: at };
  return stored('apps/v1', 'Deployment', meta, {
    2: {
      1: replicas,
      2: { 1: map(selector) },
      3: podTemplate(workload, selector),
      4: { 1: 'RollingUpdate' },
      5: 0,
      6: 10,
      9: 600,
    },
    3: { 1: 1, 2: replicas, 3: replicas, 4: replicas, 5: 0, 6: [available], 7: replicas },
  });
}

export function replicaSetObject(
  meta: Meta,
  workload: Workload,
  selector: Readonly<Record<string, string>>,
): Uint8Array {
  const { replicas } = workload;
  return stored('apps/v1', 'ReplicaSet', meta, {
    2: { 1: replicas, 2: { 1: map(selector) }, 3: podTemplate(workload, selector), 4: 0 },
    3: { 1: replicas, 2: replicas, 3: 1, 4: replicas, 5: replicas },
  });
}

export function serviceObject(meta: Meta, workload: Workload, clusterIp: string): Uint8Array {
  return stored('v1', 'Service', meta, {
    2: {
      1: [{ 1: 'http', 2: 'TCP', 3: 80, 4: { 1: 0, 2: workload.port, 3: '' }, 5: 0 }],
      2: map({ app: workload.app }),
      3: clusterIp,
      4: 'ClusterIP',
      7: 'None',
      17: 'SingleStack',
      18: [clusterIp],
      19: ['IPv4'],
      22: 'Cluster',
    },
    3: { 1: {} },
  });
}

export interface PodAddress {
  readonly address: string;
  readonly node: string;
  readonly pod: string;
  readonly uid: string;
}

export function endpointsObject(meta: Meta, workload: Workload, pods: readonly PodAddress[]): Uint8Array {
  return stored('v1', 'Endpoints', meta, {
    2: [
      {
        1: pods.map(({ address, node, pod, uid }) => ({
          1: address,
          2: { 1: 'Pod', 2: meta.namespace ?? '', 3: pod, 4: uid, 5: '', 6: '', 7: '' },
          3: '',
          4: node,
        })),
        3: [{ 1: 'http', 2: workload.port, 3: 'TCP' }],
      },
    ],
  });
}

/** Returns the object by which an API server announces itself to the others: endpoints without metadata. */
export function masterLeaseObject(address: string): Uint8Array {
  return storedObject('v1', 'Endpoints', { 1: {}, 2: [{ 1: [{ 1: address, 3: '' }] }] });
}

export function configMapObject(meta: Meta, data: Readonly<Record<string, string>>): Uint8Array {
  return stored('v1', 'ConfigMap', meta, { 2: map(data) });
}

export function secretObject(meta: Meta, type: string, data: Readonly<Record<string, string>>): Uint8Array {
  return stored('v1', 'Secret', meta, { 2: map(data), 3: type });
}

export function serviceAccountObject(meta: Meta): Uint8Array {
  return stored('v1', 'ServiceAccount', meta);
}

export function leaseObject(meta: Meta, holder: string, seconds: number): Uint8Array {
  return stored('coordination.k8s.io/v1', 'Lease', meta, {
    2: { 1: holder, 2: seconds, 3: time(meta.ageMinutes), 4: time(0), 5: 1 },
  });
}

interface PodEvent {
  readonly pod: string;
  readonly podUid: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly node: string;
}

export function eventObject(meta: Meta, event: PodEvent): Uint8Array {
  const at = time(meta.ageMinutes);
  return stored('v1', 'Event', meta, {
    2: { 1: 'Pod', 2: meta.namespace ?? '', 3: event.pod, 4: event.podUid, 5: 'v1', 6: '', 7: '' },
    3: event.reason,
    4: event.message,
    5: { 1: event.component, 2: event.node },
    6: at,
    7: at,
    8: 1,
    9: 'Normal',
    10: {},
    12: '',
    14: event.component,
    15: event.node,
  });
}

export interface Rule {
  readonly verbs: string[];
  readonly groups: string[];
  readonly resources: string[];
}

export function clusterRoleObject(meta: Meta, rules: readonly Rule[]): Uint8Array {
  return stored('rbac.authorization.k8s.io/v1', 'ClusterRole', meta, {
    2: rules.map(({ verbs, groups, resources }) => ({ 1: verbs, 2: groups, 3: resources })),
  });
}

export function clusterRoleBindingObject(meta: Meta, role: string, account: string, namespace: string): Uint8Array {
  return stored('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', meta, {
    2: [{ 1: 'ServiceAccount', 2: '', 3: account, 4: namespace }],
    3: { 1: 'rbac.authorization.k8s.io', 2: 'ClusterRole', 3: role },
  });
}
