import assert from 'node:assert/strict';
import {
  REVISION_HEX_SCHEME,
  REVISION_SCHEME,
  revisionAddress,
  revisionUriParts,
  type RevisionAddress,
} from '../../../../src/documents/addresses/revisionUri.ts';
import { Random } from '../../listing/random.ts';

const key = new TextEncoder().encode('/a/b.png');
const address: RevisionAddress = { connectionId: 'prod', key, revision: 4711n };

describe('revisionUriParts', () => {
  it('names the key in the path and the revision in the query, as label formatters read it', () => {
    const parts = { authority: 'prod', query: '{"rev":"4711"}' };
    assert.deepEqual(revisionUriParts(address, 'text'), { ...parts, scheme: REVISION_SCHEME, path: '/a/b.png' });
    assert.deepEqual(revisionUriParts(address, 'hex'), {
      ...parts,
      scheme: REVISION_HEX_SCHEME,
      path: '/a/b.png.hexdump',
    });
  });

  it('leads back to any key and revision', () => {
    const random = new Random(1);
    for (let round = 0; round < 500; round++) {
      const anyKey = Uint8Array.from({ length: 1 + random.below(20) }, () => random.below(256));
      const revision = BigInt(random.below(2 ** 31)) * BigInt(random.below(2 ** 31));
      const given = {
        connectionId: 'prod',
        key: anyKey,
        revision,
        ...(random.below(2) === 0 && { readAt: revision + 1n }),
        ...(random.below(2) === 0 && { orEmpty: true }),
      };
      for (const form of ['text', 'hex'] as const)
        assert.deepEqual(revisionAddress(revisionUriParts(given, form)), given);
    }
  });

  it('takes no other address for one', () => {
    const parts = revisionUriParts(address, 'text');
    for (const wrong of [
      { ...parts, scheme: 'etcd' },
      { ...parts, query: '' },
      { ...parts, query: '{"rev":"-1"}' },
      { ...parts, query: '{"rev":4711}' },
      { ...parts, authority: '' },
      { ...parts, scheme: REVISION_HEX_SCHEME },
    ])
      assert.equal(revisionAddress(wrong), undefined);
  });
});
