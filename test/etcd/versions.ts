/** The versions of etcd that every test of the v3 store runs against. */
export const ETCD_SERIES = ['3.4', '3.5'] as const;

const TRANSPORTS = ['grpc', 'gateway'] as const;

/** What the session and the store behave the same on. */
export const VERSIONS_AND_TRANSPORTS = ETCD_SERIES.flatMap((version) =>
  TRANSPORTS.map((transport) => ({ version, transport })),
);
