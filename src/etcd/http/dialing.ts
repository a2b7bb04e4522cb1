import type { RequestOptions } from 'node:http';
import type { EtcdError } from '../errors.ts';
import { bareHost } from './bareHost.ts';

// See docs/contributing/decisions/tunnels.md

/** A host and port to which a socket is opened. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A way to endpoints through another program, which forwards ports of this machine. Only sockets know of it: names,
 * certificates and requests stay those of the endpoint.
 */
export interface Tunnel {
  /** What it is, such as `ssh me@bastion`. */
  readonly name: string;
  /** Starts it if it does not run. @throws EtcdError that says why it does not lead to the origin */
  open(origin: string): Promise<void>;
  /** Returns where it begins on this machine. @throws EtcdError if it does not run */
  entrance(origin: string): Address;
  /** Returns a better explanation of a failure at the origin if the tunnel is its cause; otherwise the same failure. */
  explain(origin: string, error: EtcdError): Promise<EtcdError>;
  /** Ends it; it does not start again. */
  close(): void;
}

/** Returns the port of an endpoint, also if that is the usual one of its scheme. */
export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** Returns the address to which a socket for the endpoint is opened. @throws EtcdError as `Tunnel.entrance` */
export function dialAddress(url: URL, tunnel: Tunnel | undefined): Address {
  return tunnel ? tunnel.entrance(url.origin) : { host: bareHost(url), port: portOf(url) };
}

/** Returns the options of a request that lead it through a tunnel, and keep the endpoint's name for everything else. */
export function dialOptions(
  url: URL,
  tunnel: Tunnel | undefined,
  headers: RequestOptions['headers'],
): Pick<RequestOptions, 'host' | 'hostname' | 'port' | 'headers'> {
  if (!tunnel) return {};
  const { host, port } = tunnel.entrance(url.origin);
  // Node takes the name for TLS from this header.
  return {
    host,
    hostname: host,
    port,
    headers: Object.fromEntries([...Object.entries(headers ?? {}), ['host', url.host]]),
  };
}
