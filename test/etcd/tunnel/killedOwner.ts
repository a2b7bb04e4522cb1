import { ProcessTunnel } from '../../../src/etcd/tunnel/processTunnel.ts';
import { GUARD } from './openTunnels.ts';

/** Opens a tunnel to an endpoint and says so, for a test that kills this process then. */
const [endpoint = ''] = process.argv.slice(2);
const kubectl = { context: 'test', namespace: 'default', pod: 'etcd-0' };
await new ProcessTunnel({ kubectl }, [endpoint], GUARD).open(endpoint);
console.log('open');
setInterval(() => undefined, 60_000);
