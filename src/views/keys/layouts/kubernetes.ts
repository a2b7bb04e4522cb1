import type { Layout } from './layout.ts';

/** Kinds by the resource in the key, as in `/registry/pods/default/web`; services and events have one part more. */
const KINDS: Readonly<Record<string, readonly [kind: string, icon: string]>> = {
  pods: ['Pod', 'package'],
  deployments: ['Deployment', 'layers'],
  replicasets: ['ReplicaSet', 'copy'],
  statefulsets: ['StatefulSet', 'database'],
  daemonsets: ['DaemonSet', 'server-process'],
  jobs: ['Job', 'run'],
  cronjobs: ['CronJob', 'history'],
  'services/specs': ['Service', 'globe'],
  'services/endpoints': ['Endpoints', 'plug'],
  endpointslices: ['EndpointSlice', 'plug'],
  ingress: ['Ingress', 'link'],
  networkpolicies: ['NetworkPolicy', 'shield'],
  configmaps: ['ConfigMap', 'settings'],
  secrets: ['Secret', 'lock'],
  serviceaccounts: ['ServiceAccount', 'account'],
  roles: ['Role', 'shield'],
  rolebindings: ['RoleBinding', 'shield'],
  clusterroles: ['ClusterRole', 'shield'],
  clusterrolebindings: ['ClusterRoleBinding', 'shield'],
  namespaces: ['Namespace', 'symbol-namespace'],
  minions: ['Node', 'vm'],
  events: ['Event', 'bell'],
  leases: ['Lease', 'clock'],
  persistentvolumes: ['PersistentVolume', 'archive'],
  persistentvolumeclaims: ['PersistentVolumeClaim', 'archive'],
  storageclasses: ['StorageClass', 'archive'],
  priorityclasses: ['PriorityClass', 'list-ordered'],
  'apiextensions.k8s.io/customresourcedefinitions': ['CustomResourceDefinition', 'symbol-class'],
  'apiregistration.k8s.io/apiservices': ['APIService', 'symbol-interface'],
};

/** Kubernetes. Its API server's prefix can be configured; this is the default one. */
export const kubernetes: Layout = {
  product: 'Kubernetes',
  docs: 'https://kubernetes.io/docs/concepts/overview/kubernetes-api/',
  prefix: '/registry/',
  rules: Object.entries(KINDS).map(([resource, [kind, icon]]) => ({
    pattern: new RegExp(`^/registry/${resource.replaceAll('.', String.raw`\.`)}/.*[^/]$`),
    icon,
    what: () => kind,
  })),
};
