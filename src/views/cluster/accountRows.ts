import * as l10n from '@vscode/l10n';
import type { Accounts, Grant, Role, User } from '../../etcd/accounts/accountAdmin.ts';
import { ROOT } from '../../etcd/accounts/accountAdmin.ts';
import { accessText, effectiveRanges } from '../../etcd/accounts/permissions.ts';
import { rangeText } from '../../etcd/keys/rangeText.ts';
import type { EtcdError } from '../../etcd/errors.ts';
import type { ClusterRow } from './clusterRows.ts';

/** Limit of the ranges in one row. */
const RANGES_SHOWN = 5;

/**
 * Returns the groups of users and roles. They are read when they are expanded, because only root may read them and each
 * takes a request.
 */
export function accountGroups(): ClusterRow[] {
  const group = { severity: 'plain', description: '', rows: [] } as const;
  return [
    { ...group, id: 'users', label: l10n.t('Users'), icon: 'account', context: 'users', loads: 'users' },
    { ...group, id: 'roles', label: l10n.t('Roles'), icon: 'shield', context: 'roles', loads: 'roles' },
  ];
}

export function userRows({ users, roles, isEnabled }: Accounts): ClusterRow[] {
  const state =
    isEnabled === undefined
      ? []
      : [
          row(
            'authentication',
            l10n.t('Authentication'),
            isEnabled ? l10n.t('on') : l10n.t('OFF: everybody is let in'),
            {
              severity: isEnabled ? 'good' : 'warning',
              context: isEnabled ? 'authentication;on' : 'authentication;off',
            },
          ),
        ];
  return [...state, ...users.map((user) => userRow(user, roles))];
}

function userRow(user: User, roles: readonly Role[]): ClusterRow {
  const may = (deed: 'read' | 'write') => {
    const ranges = effectiveRanges(user, roles, deed).map(rangeText);
    const more = ranges.length > RANGES_SHOWN ? [l10n.t('{0} more', ranges.length - RANGES_SHOWN)] : [];
    return ranges.length === 0 ? l10n.t('nothing') : [...ranges.slice(0, RANGES_SHOWN), ...more].join('; ');
  };
  const named = user.roles.length === 0 ? l10n.t('no role') : user.roles.join(', ');
  return {
    ...row(`user ${user.name}`, user.name, named, { icon: 'person', context: 'user' }),
    account: { user: user.name },
    rows: [
      row('read', l10n.t('May read'), may('read'), { icon: 'eye' }),
      row('write', l10n.t('May write'), may('write'), { icon: 'edit' }),
      ...user.roles.map((role) => ({
        ...row(`role ${role}`, role, l10n.t('role'), { icon: 'shield', context: 'userRole' }),
        account: { user: user.name, role },
      })),
    ],
  };
}

export function roleRows({ users, roles }: Accounts): ClusterRow[] {
  return roles.map((role) => {
    const having = users.filter((user) => user.roles.includes(role.name)).map(({ name }) => name);
    const whose = having.length === 0 ? l10n.t('no user has it') : having.join(', ');
    const root =
      role.name === ROOT
        ? [row('all', l10n.t('Everything'), l10n.t('whatever else is granted to it'), { icon: 'key' })]
        : [];
    return {
      ...row(`role ${role.name}`, role.name, whose, { icon: 'shield', context: 'role' }),
      account: { role: role.name },
      rows: [...root, ...role.grants.map((grant, index) => grantRow(role.name, grant, index))],
    };
  });
}

function grantRow(role: string, grant: Grant, index: number): ClusterRow {
  return {
    ...row(`grant ${index}`, rangeText(grant.range), accessText(grant.access), { icon: 'key', context: 'grant' }),
    account: { role, grant },
  };
}

/** In place of what could not be read; what etcd does not show to this user, or does not have, is no failure. */
export function unreadRow({ kind, message }: EtcdError): ClusterRow {
  if (kind === 'permissionDenied')
    return row('hidden', l10n.t('not shown to this user by etcd'), l10n.t('only the role root may see it'), {
      severity: 'hidden',
    });
  return kind === 'unsupported'
    ? row('hidden', message, '', { severity: 'hidden' })
    : row('failure', message, '', { severity: 'failed' });
}

function row(
  id: string,
  label: string,
  description: string,
  looks: Partial<Pick<ClusterRow, 'icon' | 'severity' | 'context'>>,
): ClusterRow {
  return { id, label, description, severity: 'plain', context: 'figure', rows: [], ...looks };
}
