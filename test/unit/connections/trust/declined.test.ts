import assert from 'node:assert/strict';
import { declined, obstacleOf } from '../../../../src/connections/trust/declined.ts';
import { EtcdError } from '../../../../src/etcd/errors.ts';

describe('a question that the user declines', () => {
  const obstacle = new EtcdError('signInNeeded', 'Not signed in: set the credentials.');

  it('is no failure, says what the obstacle says, and leads back to it', () => {
    const { kind, message } = declined(obstacle);
    assert.deepEqual([kind, message], ['cancelled', obstacle.message]);
    assert.equal(obstacleOf(declined(obstacle)), obstacle);
  });

  it('is not mistaken for other canceled work, or for a failure with a cause', () => {
    for (const error of [
      new EtcdError('cancelled', 'Cancelled.', { cause: new Error('aborted') }),
      new EtcdError('connectionLost', 'lost', { cause: obstacle }),
    ])
      assert.equal(obstacleOf(error), error);
  });
});
