import { demoTime, minutesAgo, renewedLeaseSeconds, type DemoEntry } from './entry.ts';
import { Random } from './random.ts';

/** Yields Patroni's view of PostgreSQL clusters: compact JSON, with leases for the leader and the members. */
export function* patroniKeyspace(): Iterable<DemoEntry> {
  const random = new Random('patroni');
  for (const [index, cluster] of ['analytics-db', 'billing-db', 'orders-db'].entries()) {
    const at = (key: string): string => `/service/${cluster}/${key}`;
    const json = (key: string, value: unknown): DemoEntry => ({ key: at(key), value: JSON.stringify(value) });
    const leased = { leaseSeconds: renewedLeaseSeconds };
    const members = [0, 1, 2].map((number) => `${cluster}-${number}`);
    const leader = `${cluster}-${random.below(members.length)}`;
    const position = random.between(1_000_000_000, 90_000_000_000);

    yield json('config', {
      ttl: 30,
      loop_wait: 10,
      retry_timeout: 10,
      maximum_lag_on_failover: 1_048_576,
      synchronous_mode: true,
      postgresql: {
        use_pg_rewind: true,
        use_slots: true,
        parameters: { max_connections: 300, shared_buffers: '4GB', wal_level: 'logical', max_wal_senders: 10 },
        pg_hba: ['local all all peer', 'hostssl all all 10.0.0.0/8 scram-sha-256'],
      },
    });
    yield { key: at('leader'), value: leader, ...leased };
    for (const [number, name] of members.entries()) {
      const host = `10.20.${index}.${11 + number}`;
      const replica = name !== leader;
      yield {
        ...json(`members/${name}`, {
          conn_url: `postgres://${host}:5432/postgres`,
          api_url: `https://${host}:8008/patroni`,
          state: replica ? 'streaming' : 'running',
          role: replica ? 'replica' : 'primary',
          version: '4.0.6',
          xlog_location: position,
          timeline: 4,
          ...(replica && { replication_state: 'streaming' }),
        }),
        ...leased,
      };
    }
    yield { key: at('initialize'), value: `7${random.text(18, '0123456789')}` };
    yield json(
      'history',
      [1, 2, 3].map((timeline) => [
        timeline,
        timeline * 251_658_240,
        'no recovery target specified',
        minutesAgo(200_000 - timeline * 50_000),
        members[timeline % members.length],
      ]),
    );
    const slots = Object.fromEntries(members.map((name) => [name.replaceAll('-', '_'), position]));
    yield json('status', { optime: position, slots, retain_slots: Object.keys(slots) });
    yield json('failover', { leader, member: members.find((name) => name !== leader) });
    yield json('sync', { leader, sync_standby: members.filter((name) => name !== leader).join(',') });
  }
}

/** Yields Traefik's dynamic configuration: one plain value per key; a router's `tls` is a key and a folder. */
export function* traefikKeyspace(): Iterable<DemoEntry> {
  const random = new Random('traefik');
  const sites = ['account', 'admin', 'api', 'blog', 'docs', 'grafana', 'images', 'search', 'shop', 'status'];
  for (const [index, site] of sites.entries()) {
    const router = `/traefik/http/routers/${site}`;
    yield { key: `${router}/rule`, value: `Host(\`${site}.example.com\`)` };
    yield { key: `${router}/entryPoints/0`, value: 'websecure' };
    yield { key: `${router}/middlewares/0`, value: 'compress' };
    yield { key: `${router}/middlewares/1`, value: 'secure-headers' };
    yield { key: `${router}/service`, value: site };
    yield { key: `${router}/tls`, value: 'true' };
    yield { key: `${router}/tls/certResolver`, value: 'letsencrypt' };
    yield { key: `${router}/tls/domains/0/main`, value: `${site}.example.com` };
    yield { key: `${router}/tls/domains/0/sans/0`, value: `www.${site}.example.com` };

    const balancer = `/traefik/http/services/${site}/loadbalancer`;
    const servers = random.between(2, 4);
    for (let server = 0; server < servers; server++) {
      yield { key: `${balancer}/servers/${server}/url`, value: `http://10.30.${index}.${10 + server}:8080` };
    }
    yield { key: `${balancer}/healthCheck/path`, value: '/healthz' };
    yield { key: `${balancer}/healthCheck/interval`, value: '10s' };
    yield { key: `${balancer}/passHostHeader`, value: 'true' };
  }
  yield { key: '/traefik/http/middlewares/compress/compress', value: 'true' };
  yield { key: '/traefik/http/middlewares/secure-headers/headers/stsSeconds', value: '31536000' };
  yield { key: '/traefik/http/middlewares/secure-headers/headers/frameDeny', value: 'true' };
  yield { key: '/traefik/http/middlewares/rate-limit/rateLimit/average', value: '100' };
  yield { key: '/traefik/http/middlewares/rate-limit/rateLimit/burst', value: '200' };
  yield { key: '/traefik/tcp/routers/postgres/rule', value: 'HostSNI(`db.example.com`)' };
  yield { key: '/traefik/tcp/routers/postgres/service', value: 'postgres' };
  yield { key: '/traefik/tcp/routers/postgres/tls/passthrough', value: 'true' };
  yield { key: '/traefik/tcp/services/postgres/loadbalancer/servers/0/address', value: '10.20.2.11:5432' };
  yield { key: '/traefik/tls/options/default/minVersion', value: 'VersionTLS12' };
}

/** Yields DNS records as CoreDNS and SkyDNS read them: the name's labels in reverse order. */
export function* skydnsKeyspace(): Iterable<DemoEntry> {
  const random = new Random('skydns');
  const record = (path: string, value: object): DemoEntry => ({ key: `/skydns/${path}`, value: JSON.stringify(value) });
  for (const zone of ['eu', 'us', 'ap']) {
    for (const service of ['api', 'cache', 'db', 'mail', 'queue', 'web']) {
      const instances = random.between(2, 5);
      for (let instance = 1; instance <= instances; instance++) {
        const host = `10.${random.between(40, 60)}.${random.below(256)}.${random.between(1, 254)}`;
        const [, second, third, last] = host.split('.');
        yield record(`com/example/${zone}/${service}/x${instance}`, { host, ttl: 60 });
        const name = `x${instance}.${service}.${zone}.example.com`;
        yield record(`arpa/in-addr/10/${second}/${third}/${last}`, { host: name, ttl: 3600 });
      }
    }
  }
  yield record('com/example/www', { host: 'web.eu.example.com', ttl: 300 });
  yield record('com/example/_tcp/_ldap', { host: 'ldap.example.com', port: 389, priority: 10, weight: 100, ttl: 300 });
  yield record('com/example/txt', { text: 'v=spf1 mx -all', ttl: 3600 });
  yield record('com/example/ipv6', { host: '2001:db8::1', ttl: 60 });
}

/** Yields what processes hold only while they live: service instances and locks, all with leases. */
export function* leasedKeyspace(): Iterable<DemoEntry> {
  const random = new Random('leased');
  for (const service of ['cart', 'catalog', 'checkout', 'orders', 'search']) {
    for (let instance = 0; instance < 8; instance++) {
      const id = random.uuid();
      const address = `10.50.${random.below(256)}.${random.between(1, 254)}:8443`;
      const since = minutesAgo(random.between(5, 20_000));
      const value = { id, address, version: `4.${random.below(9)}.0`, zone: random.pick(['a', 'b', 'c']), since };
      yield {
        key: `/services/instances/${service}/${id}`,
        value: JSON.stringify(value, undefined, 2),
        leaseSeconds: renewedLeaseSeconds,
      };
    }
  }
  for (const task of ['billing-run', 'catalog-import', 'index-rebuild', 'schema-migration']) {
    // As `etcdctl lock` writes them: the lock's name, the holder's lease in hexadecimal, no value.
    yield { key: `/locks/${task}/`, value: '', leaseSeconds: renewedLeaseSeconds, endsWithLease: true };
  }
  yield { key: '/locks/gone-in-ten-minutes', value: `taken at ${new Date(demoTime).toISOString()}`, leaseSeconds: 600 };
}
