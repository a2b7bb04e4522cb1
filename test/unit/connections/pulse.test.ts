import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Connection } from '../../../src/connections/connection.ts';
import { Pulse } from '../../../src/connections/following/pulse.ts';
import type { KeyStore } from '../../../src/etcd/keyStore.ts';

describe('the state of a connection whose keys are visible', () => {
  afterEach(() => mock.timers.reset());

  it('is at most five seconds old', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    let patience: number | undefined;
    const silent: Partial<KeyStore> = {
      clusterId(_signal, within) {
        patience = within;
        return new Promise(() => undefined);
      },
    };
    const connection: Partial<Connection> = {};
    const pulse = new Pulse(connection as Connection, () => undefined);
    pulse.start(silent as KeyStore);
    let passed = 0;
    for (; patience === undefined && passed < 5000; passed += 100) {
      mock.timers.tick(100);
      await setImmediate();
    }
    pulse.stop();
    assert.ok(passed + (patience ?? Infinity) < 5000, `${passed} ms and then ${patience} ms`);
  });
});
