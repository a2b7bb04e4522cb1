import assert from 'node:assert/strict';
import type { Access, Accounts, Grant } from '../../../src/etcd/accounts/accountAdmin.ts';
import { effectiveRanges, enableProblem, whoMay } from '../../../src/etcd/accounts/permissions.ts';
import { rangeText } from '../../../src/etcd/keys/rangeText.ts';
import { prefixRange, singleKeyRange } from '../../../src/etcd/keys/ranges.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const prefix = (text: string) => prefixRange(bytes(text));
const grant = (access: Access, range: Grant['range']): Grant => ({ access, range });

const accounts: Accounts = {
  users: [
    { name: 'root', roles: ['root'] },
    { name: 'ann', roles: ['reader', 'writer'] },
    { name: 'bob', roles: ['writer'] },
    { name: 'eve', roles: ['gone'] },
  ],
  roles: [
    { name: 'root', grants: [] },
    {
      name: 'reader',
      grants: [grant('read', prefix('/a/')), grant('read', { start: bytes('/a0'), end: bytes('/b') })],
    },
    { name: 'writer', grants: [grant('write', singleKeyRange(bytes('/a/1'))), grant('readwrite', prefix('/c/'))] },
  ],
  isEnabled: true,
};

describe('permissions', () => {
  it('are said in words', () => {
    assert.equal(rangeText(prefix('')), 'all keys');
    assert.equal(rangeText(prefix('/a/')), 'what begins with /a/');
    assert.equal(rangeText(singleKeyRange(bytes('/a'))), 'the key /a');
    assert.equal(rangeText({ start: bytes('/m'), end: Uint8Array.of(0) }), 'everything from /m on');
    assert.equal(rangeText({ start: bytes('/a'), end: bytes('/c') }), 'from /a up to, without, /c');
  });

  it('say who may do what with a key or folder, and through which role', () => {
    assert.deepEqual(whoMay(accounts, 'read', prefix('/a/')), [
      { user: 'root', roles: ['root'], isWhole: true },
      { user: 'ann', roles: ['reader'], isWhole: true },
    ]);
    assert.deepEqual(whoMay(accounts, 'write', prefix('/a/')), [
      { user: 'root', roles: ['root'], isWhole: true },
      { user: 'ann', roles: ['writer'], isWhole: false },
      { user: 'bob', roles: ['writer'], isWhole: false },
    ]);
    assert.deepEqual(
      whoMay(accounts, 'write', singleKeyRange(bytes('/a/1'))).map(({ user, isWhole }) => [user, isWhole]),
      [
        ['root', true],
        ['ann', true],
        ['bob', true],
      ],
    );
  });

  it('are joined to what a user may do altogether', () => {
    const [root, ann, , eve] = accounts.users;
    assert.ok(root && ann && eve);
    const texts = (user: typeof root) => effectiveRanges(user, accounts.roles, 'read').map(rangeText);
    assert.deepEqual(texts(root), ['all keys']);
    // Two ranges that touch are one.
    assert.deepEqual(texts(ann), ['from /a/ up to, without, /b', 'what begins with /c/']);
    assert.deepEqual(texts(eve), []);
  });

  it('are to have a root before they are switched on', () => {
    assert.equal(enableProblem(accounts), undefined);
    assert.match(enableProblem({ users: [] }) ?? '', /no user named root/);
    assert.match(enableProblem({ users: [{ name: 'root', roles: [] }] }) ?? '', /does not have the role root/);
  });
});
