import assert from 'node:assert/strict';
import { networkError } from '../../../src/etcd/http/networkErrors.ts';

describe('a failure of the network that has no sentence of its own', () => {
  it("is told in the system's words", () => {
    const limits = { connect: 1000, response: 1000 };
    const sentenceOf = (thrown: unknown) => networkError(thrown, new URL('http://etcd.example:2379'), limits).message;
    const thrown = Object.assign(new Error('connect EADDRNOTAVAIL 192.0.2.1:2379'), { code: 'EADDRNOTAVAIL' });
    assert.match(
      sentenceOf(thrown),
      /^The request to etcd\.example:2379 failed: connect EADDRNOTAVAIL .*\. Run Diagnose/,
    );
    assert.match(sentenceOf(undefined), /failed: no reason given\. Run Diagnose/);
  });
});
