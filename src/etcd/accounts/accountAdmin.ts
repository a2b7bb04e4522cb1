import type { EtcdError } from '../errors.ts';
import type { KeyRange } from '../keyStore.ts';

export type Access = 'read' | 'write' | 'readwrite';

/** What a role permits. */
export interface Grant {
  readonly access: Access;
  readonly range: KeyRange;
}

export interface Role {
  readonly name: string;
  readonly grants: readonly Grant[];
}

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Accounts {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  /** Whether authentication is on; undefined if etcd does not report it, as 3.4 over its gateway. */
  readonly isEnabled: boolean | undefined;
}

/** Name of the user and of the role that may do everything, and without which authentication cannot be on. */
export const ROOT = 'root';

/** The users and roles of an etcd. All failures are EtcdErrors. */
export interface AccountAdmin {
  /** @throws EtcdError `permissionDenied` unless the user has the role root */
  accounts(signal?: AbortSignal): Promise<Accounts>;
  /** @param password undefined for a user who signs in by a certificate alone */
  addUser(name: string, password: string | undefined): Promise<void>;
  changePassword(name: string, password: string): Promise<void>;
  deleteUser(name: string): Promise<void>;
  grantRole(user: string, role: string): Promise<void>;
  revokeRole(user: string, role: string): Promise<void>;
  addRole(name: string): Promise<void>;
  deleteRole(name: string): Promise<void>;
  /** Grants a permission; it replaces the role's earlier one for exactly this range. */
  grant(role: string, grant: Grant): Promise<void>;
  revoke(role: string, range: KeyRange): Promise<void>;
  enable(): Promise<void>;
  disable(): Promise<void>;
}

/** Wraps users and roles, so that every change fails before it is sent. */
export function refusingAccounts(accounts: AccountAdmin, error: () => EtcdError): AccountAdmin {
  const refuse = () => Promise.reject(error());
  return {
    accounts: (signal) => accounts.accounts(signal),
    addUser: refuse,
    changePassword: refuse,
    deleteUser: refuse,
    grantRole: refuse,
    revokeRole: refuse,
    addRole: refuse,
    deleteRole: refuse,
    grant: refuse,
    revoke: refuse,
    enable: refuse,
    disable: refuse,
  };
}
