import { EtcdError } from '../errors.ts';
import { singleKeyRange } from '../keys/ranges.ts';
import type { KeyRange } from '../keyStore.ts';
import type { Session } from '../v3/session.ts';
import { Auth, Permission_Type as PermissionType, type Permission } from '../v3/transport/rpc_pb.js';
import { settleByLooking } from '../writes/lostAnswers.ts';
import type { Access, AccountAdmin, Accounts, Grant, Role, User } from './accountAdmin.ts';

const READ = { repeatable: true, requireLeader: true };
const WRITE = { repeatable: false, requireLeader: true };
/** Users or roles requested at a time. */
const AT_ONCE = 20;

const TYPES: Readonly<Record<Access, PermissionType>> = {
  read: PermissionType.READ,
  write: PermissionType.WRITE,
  readwrite: PermissionType.READWRITE,
};

/** Users and roles over etcd's v3 API. */
export class V3Accounts implements AccountAdmin {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async accounts(signal?: AbortSignal): Promise<Accounts> {
    const options = { ...READ, signal };
    const [{ users }, { roles }, isEnabled] = await Promise.all([
      this.#session.call(Auth.method.userList, {}, options),
      this.#session.call(Auth.method.roleList, {}, options),
      this.#isEnabled(signal),
    ]);
    return {
      users: await inParts(users, async (name): Promise<User> => ({ name, roles: await this.#rolesOf(name, signal) })),
      roles: await inParts(roles, async (name): Promise<Role> => ({
        name,
        grants: await this.#grantsOf(name, signal),
      })),
      isEnabled,
    };
  }

  /**
   * Whether authentication is on; undefined for etcd 3.4, whose gateway has no such path and whose gRPC has no such
   * method.
   */
  async #isEnabled(signal: AbortSignal | undefined): Promise<boolean | undefined> {
    try {
      return (await this.#session.call(Auth.method.authStatus, {}, { ...READ, signal })).enabled;
    } catch (error) {
      if (!EtcdError.is(error, 'notEtcd', 'unexpected')) throw error;
      return undefined;
    }
  }

  async #rolesOf(name: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
    return (await this.#session.call(Auth.method.userGet, { name }, { ...READ, signal })).roles;
  }

  async #grantsOf(role: string, signal: AbortSignal | undefined): Promise<Grant[]> {
    const { perm } = await this.#session.call(Auth.method.roleGet, { role }, { ...READ, signal });
    return perm.map(toGrant);
  }

  async addUser(name: string, password: string | undefined): Promise<void> {
    const request = password === undefined ? { name, options: { noPassword: true } } : { name, password };
    await this.#session.call(Auth.method.userAdd, request, WRITE);
  }

  async changePassword(name: string, password: string): Promise<void> {
    await this.#session.call(Auth.method.userChangePassword, { name, password }, WRITE);
  }

  async deleteUser(name: string): Promise<void> {
    await this.#settled(this.#session.call(Auth.method.userDelete, { name }, WRITE), ({ users }) =>
      users.every((user) => user.name !== name),
    );
  }

  async grantRole(user: string, role: string): Promise<void> {
    await this.#settled(this.#session.call(Auth.method.userGrantRole, { user, role }, WRITE), ({ users }) =>
      users.some(({ name, roles }) => name === user && roles.includes(role)),
    );
  }

  async revokeRole(user: string, role: string): Promise<void> {
    await this.#settled(this.#session.call(Auth.method.userRevokeRole, { name: user, role }, WRITE), ({ users }) =>
      users.some(({ name, roles }) => name === user && !roles.includes(role)),
    );
  }

  async addRole(name: string): Promise<void> {
    await this.#session.call(Auth.method.roleAdd, { name }, WRITE);
  }

  async deleteRole(name: string): Promise<void> {
    await this.#settled(this.#session.call(Auth.method.roleDelete, { role: name }, WRITE), ({ roles }) =>
      roles.every((role) => role.name !== name),
    );
  }

  async grant(role: string, { access, range }: Grant): Promise<void> {
    const perm = { permType: TYPES[access], ...wireRange(range) };
    await this.#settled(this.#session.call(Auth.method.roleGrantPermission, { name: role, perm }, WRITE), ({ roles }) =>
      roles.some(
        ({ name, grants }) =>
          name === role && grants.some((grant) => grant.access === access && isSame(grant.range, range)),
      ),
    );
  }

  async revoke(role: string, range: KeyRange): Promise<void> {
    const request = { role, ...wireRange(range) };
    await this.#settled(this.#session.call(Auth.method.roleRevokePermission, request, WRITE), ({ roles }) =>
      roles.some(({ name, grants }) => name === role && grants.every((grant) => !isSame(grant.range, range))),
    );
  }

  async enable(): Promise<void> {
    await this.#session.call(Auth.method.authEnable, {}, WRITE);
  }

  async disable(): Promise<void> {
    await this.#session.call(Auth.method.authDisable, {}, WRITE);
  }

  async #settled(change: Promise<unknown>, isDone: (accounts: Accounts) => boolean): Promise<void> {
    await change.catch((error: unknown) => settleByLooking(error, async () => isDone(await this.accounts())));
  }
}

function toGrant({ permType, key, rangeEnd }: Permission): Grant {
  const access = permType === PermissionType.READ ? 'read' : permType === PermissionType.WRITE ? 'write' : 'readwrite';
  const start = key.length === 0 ? Uint8Array.of(0) : key;
  return { access, range: rangeEnd.length === 0 ? singleKeyRange(start) : { start, end: rangeEnd } };
}

/** Converts a range to etcd's form. etcd compares exact bytes: the range of a single key has no end. */
function wireRange({ start, end }: KeyRange): { readonly key: Uint8Array; readonly rangeEnd: Uint8Array } {
  const isSingle = isSame({ start, end }, singleKeyRange(start));
  return { key: start, rangeEnd: isSingle ? new Uint8Array() : end };
}

function isSame(one: KeyRange, other: KeyRange): boolean {
  return Buffer.compare(one.start, other.start) === 0 && Buffer.compare(one.end, other.end) === 0;
}

async function inParts<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const all: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    all.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(ask))));
  return all;
}
