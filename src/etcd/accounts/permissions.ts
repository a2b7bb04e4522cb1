import * as l10n from '@vscode/l10n';
import { joinedRanges, rangesMeet, rangeWithout } from '../keys/rangeSets.ts';
import type { KeyRange } from '../keyStore.ts';
import { ROOT, type Access, type Accounts, type Role, type User } from './accountAdmin.ts';

/** A kind of access to a key. */
export type Deed = 'read' | 'write';

export function accessText(access: Access): string {
  switch (access) {
    case 'read':
      return l10n.t('read');
    case 'write':
      return l10n.t('write');
    case 'readwrite':
      return l10n.t('read and write');
  }
}

/** A user and through which of its roles it may do something. */
export interface Permitted {
  readonly user: string;
  readonly roles: readonly string[];
  /** False if it may do so with a part of the range only. */
  readonly isWhole: boolean;
}

/** Returns who may read or write a range; the role root may do everything, whatever permissions it lists. */
export function whoMay({ users, roles }: Pick<Accounts, 'users' | 'roles'>, deed: Deed, range: KeyRange): Permitted[] {
  return users.flatMap((user) => {
    const meeting = rolesOf(user, roles).filter((role) =>
      rangesFor(role, deed).some((each) => rangesMeet(each, range)),
    );
    if (meeting.length === 0) return [];
    const all = meeting.flatMap((role) => rangesFor(role, deed));
    const isWhole = rangeWithout(range, all).length === 0;
    return [{ user: user.name, roles: meeting.map(({ name }) => name), isWhole }];
  });
}

/** Returns the ranges that a user may read or write through all its roles together, in key order. */
export function effectiveRanges(user: User, roles: readonly Role[], deed: Deed): KeyRange[] {
  return joinedRanges(rolesOf(user, roles).flatMap((role) => rangesFor(role, deed)));
}

function rolesOf(user: User, roles: readonly Role[]): Role[] {
  return user.roles.map((name) => roles.find((role) => role.name === name) ?? { name, grants: [] });
}

function rangesFor({ name, grants }: Role, deed: Deed): KeyRange[] {
  if (name === ROOT) return [{ start: Uint8Array.of(0), end: Uint8Array.of(0) }];
  return grants.filter(({ access }) => access === deed || access === 'readwrite').map(({ range }) => range);
}

/** Explains why authentication cannot be switched on yet; undefined if it can. etcd itself enforces the same. */
export function enableProblem({ users }: Pick<Accounts, 'users'>): string | undefined {
  const root = users.find(({ name }) => name === ROOT);
  if (!root)
    return l10n.t('There is no user named root. Add it, with a password that you know, and grant it the role root.');
  if (!root.roles.includes(ROOT)) return l10n.t('The user root does not have the role root. Grant it first.');
  return undefined;
}
