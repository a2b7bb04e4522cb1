import assert from 'node:assert/strict';
import { mergeAddress, mergeUriParts } from '../../../../src/documents/addresses/mergeUri.ts';

const key = new TextEncoder().encode('/a/b');

describe('mergeUriParts', () => {
  it('leads back to the key, the part, the version and the form', () => {
    for (const part of ['version', 'result'] as const) {
      const address = { connectionId: 'prod', key, part, modRevision: 12n };
      assert.deepEqual(mergeAddress(mergeUriParts(address)), address);
      assert.equal(mergeUriParts(address).path, '/a/b');
      const yaml = { ...address, form: 'yaml' } as const;
      assert.deepEqual(mergeAddress(mergeUriParts(yaml)), yaml);
      assert.equal(mergeUriParts(yaml).path, '/a/b.yaml');
    }
  });

  it('names nothing in other queries', () => {
    const parts = mergeUriParts({ connectionId: 'prod', key, part: 'result', modRevision: 12n });
    for (const query of ['', '{}', '{"part":"result","rev":"x"}', '{"part":"result","rev":"1","form":"hex"}'])
      assert.equal(mergeAddress({ ...parts, query }), undefined);
    assert.equal(mergeAddress({ ...parts, scheme: 'etcd' }), undefined);
  });
});
