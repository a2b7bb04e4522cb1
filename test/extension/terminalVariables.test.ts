import assert from 'node:assert/strict';
import { etcdctlVariables } from '../../src/commands/terminal/etcdctlVariables.ts';

describe('the variables of a terminal with etcdctl', () => {
  it('lead nowhere else, and are known to every etcdctl for v3', () => {
    const files = { ca: undefined, cert: undefined, key: undefined };
    const settings = { name: 'etcd', endpoints: ['http://127.0.0.1:2379'] };
    const variables = etcdctlVariables(settings, settings.endpoints, files, undefined);
    assert.equal(variables['ETCDCTL_ENDPOINTS'], 'http://127.0.0.1:2379');
    for (const name of ['ETCDCTL_API', 'ETCDCTL_CACERT', 'ETCDCTL_USER', 'ETCDCTL_DISCOVERY_SRV'])
      assert.equal(variables[name], null);
  });
});
