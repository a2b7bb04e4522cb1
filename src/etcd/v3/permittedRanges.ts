import { EtcdError } from '../errors.ts';
import { keyText } from '../keys/keyText.ts';
import type { KeyRange } from '../keyStore.ts';
import { singleKeyRange, withoutNested } from '../keys/ranges.ts';
import { Auth, Permission_Type as PermissionType, type Permission } from './transport/rpc_pb.js';
import type { Session } from './session.ts';

const NAMED = 5;
const READ = { repeatable: true, requireLeader: true };

export type RangeAccess = 'read' | 'write';

/**
 * Finds the ranges that the session's user may read or write, from its roles, which every user may read. Undefined if
 * there is no restriction: no user is signed in or named by a certificate, or it has the role root.
 */
export async function permittedRanges(
  session: Session,
  access: RangeAccess,
  signal?: AbortSignal,
): Promise<KeyRange[] | undefined> {
  return (await ownRights(session, signal))?.rangesFor(access);
}

/** What the session's user may do. */
export interface Rights {
  readonly user: string;
  readonly roles: readonly string[];
  readonly rangesFor: (access: RangeAccess) => KeyRange[];
}

/** Reads the rights of the session's user; undefined under the same conditions as `permittedRanges`. */
export async function ownRights(session: Session, signal?: AbortSignal): Promise<Rights | undefined> {
  const { username, certificateName } = session;
  const user = username ?? certificateName;
  if (user === undefined) return undefined;
  const roles = await rolesOf(session, user, signal);
  if (!roles || roles.includes('root')) return undefined;
  const permissions = await Promise.all(roles.map((role) => permissionsOf(session, role, signal)));
  const rangesFor = (access: RangeAccess) => withoutNested(permissions.flat().filter(isFor(access)).map(rangeOf));
  return { user, roles, rangesFor };
}

async function rolesOf(
  session: Session,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  try {
    return (await session.call(Auth.method.userGet, { name }, { ...READ, signal })).roles;
  } catch (error) {
    // A certificate's name may not be a user's.
    if (session.username === undefined && EtcdError.is(error, 'permissionDenied', 'signInNeeded', 'unexpected'))
      return undefined;
    throw error;
  }
}

async function permissionsOf(session: Session, role: string, signal: AbortSignal | undefined): Promise<Permission[]> {
  try {
    return (await session.call(Auth.method.roleGet, { role }, { ...READ, signal })).perm;
  } catch (error) {
    // A role that was deleted in the meantime grants nothing.
    if (EtcdError.is(error, 'unexpected')) return [];
    throw error;
  }
}

function isFor(access: RangeAccess): (permission: Permission) => boolean {
  const wanted = access === 'read' ? PermissionType.READ : PermissionType.WRITE;
  return ({ permType }) => permType === wanted || permType === PermissionType.READWRITE;
}

function rangeOf({ key, rangeEnd }: Permission): KeyRange {
  if (rangeEnd.length === 0) return singleKeyRange(key);
  return { start: key.length === 0 ? Uint8Array.of(0) : key, end: rangeEnd };
}

/** Lists the beginnings of ranges as one text, only the first ones of many. */
export function beginnings(ranges: readonly KeyRange[]): string {
  const named = ranges.slice(0, NAMED).map(({ start }) => keyText(start));
  return named.join(', ') + (ranges.length > NAMED ? ', …' : '');
}
