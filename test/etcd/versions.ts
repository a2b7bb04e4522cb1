/** The versions of etcd that every test of the v3 store runs against. */
export const ETCD_SERIES = ['3.4', '3.5'] as const;
