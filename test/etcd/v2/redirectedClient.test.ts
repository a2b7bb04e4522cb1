import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connectV2 } from '../../../src/etcd/v2/connectV2.ts';
import { selfSigned } from '../../fixtures/certificates.ts';
import { startEtcd, type EtcdServer } from '../../fixtures/etcdServer.ts';
import { bytes, settingsFor, text } from '../connecting.ts';
import { failsAs } from '../errorKind.ts';
import { passOn, startStandIn, type Received, type StandIn } from '../standIn.ts';

const credentials = { username: 'reader', password: 'secret' };

/** A follower of etcd 2 in front of a real etcd, which redirects each request for a key to a leader. */
describe('redirects of the v2 API', () => {
  let etcd: EtcdServer;
  let leader: StandIn;
  let follower: StandIn;
  let location: (received: Received) => string;
  let status: number;
  let members: readonly string[];

  before(async function () {
    this.timeout('5m');
    etcd = await startEtcd({ version: '3.4', extraArgs: ['--enable-v2=true'] });
  });
  after(() => etcd?.stop());

  function follow(received: Received, response: ServerResponse): Promise<void> | void {
    if (received.path === '/v2/members')
      return void response.end(JSON.stringify({ members: members.map((url) => ({ clientURLs: [url] })) }));
    if (!received.path.startsWith('/v2/keys')) return passOn(etcd.endpoint, received, response);
    response.writeHead(status, { location: location(received) }).end();
  }

  beforeEach(async () => {
    leader = await startStandIn((received, response) => passOn(etcd.endpoint, received, response));
    follower = await startStandIn(follow);
    status = 307;
    members = [];
    location = ({ path }) => leader.endpoint + path;
  });
  afterEach(async () => {
    await leader.close();
    await follower.close();
  });

  it('go to another endpoint of the connection, with value and credentials', async () => {
    const { store, close } = await connectV2(settingsFor([follower.endpoint, leader.endpoint]), credentials);
    assert.equal((await store.put(bytes('/re direct/a'), bytes('x'), 'absent')).outcome, 'written');
    assert.equal(text((await store.get(bytes('/re direct/a'))).kv?.value), 'x');
    const [put] = leader.received;
    assert.deepEqual(
      [put?.method, put?.path, put?.body, put?.headers.authorization],
      ['PUT', '/v2/keys/re%20direct/a', 'value=x&prevExist=false', `Basic ${btoa('reader:secret')}`],
    );
    close();
  });

  it('go to a member of the cluster that the settings do not name', async () => {
    members = [leader.endpoint];
    const { store, close } = await connectV2(settingsFor(follower.endpoint));
    assert.equal((await store.get(bytes('/a'))).kv, undefined);
    assert.ok(leader.received.length > 0);
    close();
  });

  it('write nothing to a leader whose address another cluster has got', async function () {
    this.timeout('1m');
    const other = await startEtcd({
      version: '3.4',
      extraArgs: ['--enable-v2=true', '--initial-cluster-token', 'other'],
    });
    let serving = etcd;
    const moving = await startStandIn((received, response) => {
      response.shouldKeepAlive = false;
      return passOn(serving.endpoint, received, response);
    });
    try {
      members = [moving.endpoint];
      location = ({ path }) => moving.endpoint + path;
      const { store, close } = await connectV2(settingsFor(follower.endpoint));
      const { kv } = await store.get(bytes('/moved'));
      assert.equal(kv, undefined);
      serving = other;
      await assert.rejects(store.put(bytes('/moved'), bytes('x'), 'absent'), failsAs('otherCluster', /written there/));
      close();
      assert.deepEqual(
        moving.received.filter(({ method }) => method === 'PUT'),
        [],
      );
    } finally {
      await moving.close();
      await other.stop();
    }
  });

  it('go to no such member that the user has not allowed', async () => {
    members = [leader.endpoint];
    const asked: string[] = [];
    const mayUse = (origin: string) => {
      asked.push(origin);
      return false;
    };
    const connecting = connectV2({ ...settingsFor(follower.endpoint), mayUse });
    await assert.rejects(connecting, failsAs('configuration', /nothing was sent there/));
    assert.deepEqual([asked, leader.received], [[leader.endpoint], []]);
  });

  it('take no password to such a member without TLS', async () => {
    members = [leader.endpoint];
    const { store, close } = await connectV2(settingsFor(follower.endpoint), credentials);
    const host = new RegExp(`points to ${leader.endpoint}/`);
    await assert.rejects(store.get(bytes('/a')), failsAs('configuration', host));
    assert.deepEqual(leader.received, []);
    close();
  });

  it('take no value from a member with TLS to one without', async () => {
    members = [leader.endpoint];
    const tls = await selfSigned({ commonName: 'follower', names: ['127.0.0.1'] });
    const secure = await startStandIn((received, response) => {
      if (received.method === 'GET' && received.path !== '/v2/members')
        return passOn(etcd.endpoint, received, response);
      return follow(received, response);
    }, tls);
    const settings = settingsFor(secure.endpoint, { tls: { certificateAuthorities: [tls.certPem] } });
    const { store, close } = await connectV2(settings);
    try {
      const saving = store.put(bytes('/a'), bytes('secret'), 'absent');
      await assert.rejects(saving, failsAs('configuration', /nothing was sent there/));
      assert.deepEqual(leader.received, []);
    } finally {
      close();
      await secure.close();
    }
  });

  const refusals: readonly (readonly [string, () => void])[] = [
    ['elsewhere', () => (members = ['http://127.0.0.1:1'])],
    ['to another path', () => (location = () => `${leader.endpoint}/v2/keys/other`)],
    ['as a 301 to a tidied path', () => (status = 301)],
    ['to what is no address', () => (location = () => 'http://[')],
  ];
  for (const [where, arrange] of refusals) {
    it(`${where} are not followed`, async () => {
      members = [leader.endpoint];
      arrange();
      const settings = settingsFor(where === 'elsewhere' ? follower.endpoint : [follower.endpoint, leader.endpoint]);
      const { store, close } = await connectV2(settings, credentials);
      await assert.rejects(store.put(bytes('/a'), bytes('x'), 'absent'), failsAs('configuration', /HTTP 30[17]/));
      assert.deepEqual(leader.received, []);
      close();
    });
  }

  it('in a circle come to an end', async () => {
    location = ({ path }) => follower.endpoint + path;
    const { store, close } = await connectV2(settingsFor(follower.endpoint), credentials);
    await assert.rejects(store.get(bytes('/a')), failsAs('configuration'));
    assert.equal(follower.received.filter(({ path }) => path.startsWith('/v2/keys')).length, 4);
    close();
  });
});
