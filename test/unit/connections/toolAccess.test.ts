import assert from 'node:assert/strict';
import { readProfiles, type ConnectionSource } from '../../../src/connections/settings/connectionProfile.ts';
import { toolAccess } from '../../../src/connections/tools/toolAccess.ts';

function accessOf(entry: object, source: ConnectionSource): string {
  const [profile] = readProfiles([{ name: 'a', endpoints: ['http://127.0.0.1:2379'], ...entry }], source);
  assert.ok(profile);
  return toolAccess(profile);
}

describe("what language models' tools may see of a connection", () => {
  for (const [entry, user, workspace] of [
    [{}, 'masked', 'masked'],
    [{ production: true }, 'none', 'none'],
    [{ languageModelTools: 'none' }, 'none', 'none'],
    [{ languageModelTools: 'full' }, 'full', 'masked'],
    [{ languageModelTools: 'everything' }, 'masked', 'masked'],
    [{ production: true, languageModelTools: 'masked' }, 'masked', 'none'],
    [{ production: true, languageModelTools: 'full' }, 'full', 'none'],
  ] as const)
    it(`is ${user} for ${JSON.stringify(entry)}, and ${workspace} if a workspace defines it`, () => {
      assert.equal(accessOf(entry, 'user'), user);
      assert.equal(accessOf(entry, 'workspace'), workspace);
    });
});
