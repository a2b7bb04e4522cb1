import assert from 'node:assert/strict';
import { EtcdError } from '../../../src/etcd/errors.ts';
import { Endpoints } from '../../../src/etcd/http/endpoints.ts';

const limits = { connect: 1000, response: 1000 };

describe('the addresses that members announce', () => {
  const learned = (endpoints: readonly string[], announced: readonly string[], mayUse?: () => boolean) => {
    const all = new Endpoints({ endpoints, tls: {}, limits, mayUse });
    all.learn(announced);
    return all.all;
  };

  it('are taken over only with the protection of the endpoint that announces them', () => {
    assert.deepEqual(learned(['https://a:1'], ['http://b:2', 'https://c:3']), ['https://a:1', 'https://c:3']);
  });

  it('get plain http only on this machine, or with the user’s consent', () => {
    const announced = ['http://b:2', 'http://127.0.0.1:3', 'http://localhost:4'];
    const unexposed = ['http://127.0.0.1:3', 'http://localhost:4'];
    assert.deepEqual(learned(['http://a:1'], announced), ['http://a:1', ...unexposed]);
    assert.deepEqual(
      learned(['http://a:1'], announced, () => true),
      ['http://a:1', ...announced],
    );
    assert.deepEqual(
      learned(['http://a:1'], announced, () => false),
      ['http://a:1'],
    );
  });

  it('stand behind those of the settings, each once, and what is no address is left out', () => {
    assert.deepEqual(learned(['https://a:1', 'https://b:2'], ['https://b:2/', 'none', 'https://c:3']), [
      'https://a:1',
      'https://b:2',
      'https://c:3',
    ]);
  });
});

describe('an answer of another cluster', () => {
  const target = { method: 'POST', path: '/' };
  const answeredBy = (cluster: string) => () => Promise.resolve({ status: 200, bytes: 0, cluster });

  it('to a change leaves open whether that was carried out, and to a read does not', async () => {
    for (const repeatable of [true, false]) {
      const endpoints = new Endpoints({ endpoints: ['http://a:1'], tls: {}, limits, maxRounds: 1 });
      await endpoints.send({ ...target, repeatable: true }, answeredBy('a'));
      await assert.rejects(endpoints.send({ ...target, repeatable }, answeredBy('b')), (error: unknown) => {
        assert.ok(EtcdError.is(error, 'otherCluster'));
        assert.equal(error.notCarriedOut, repeatable);
        return true;
      });
    }
  });
});
