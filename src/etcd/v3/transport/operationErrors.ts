import * as l10n from '@vscode/l10n';

/** etcd's refusals of changes of the cluster, its users or its roles, and what they mean to a user. */
export const OPERATION_ERRORS: readonly { readonly texts: readonly string[]; readonly sentence: () => string }[] = [
  {
    texts: ['not enough started members'],
    sentence: () =>
      l10n.t(
        'etcd refused: too few members have started for this change. Nothing was changed; start the others first.',
      ),
  },
  {
    texts: ['unhealthy cluster'],
    sentence: () =>
      l10n.t(
        'etcd refused: not all of its members have been connected for the last five seconds, so this change could cost the majority. Nothing was changed; try again, or see to these members first.',
      ),
  },
  {
    texts: ['Peer URLs already exists', 'member ID already exist'],
    sentence: () => l10n.t('etcd refused: another member has the same peer address. Nothing was changed.'),
  },
  {
    texts: ['member which is in sync with leader'],
    sentence: () =>
      l10n.t('etcd refused: the learner has not caught up with the leader yet. Nothing was changed; try again later.'),
  },
  {
    texts: ['can only promote a learner member'],
    sentence: () => l10n.t('etcd refused: this member is not a learner: it already votes.'),
  },
  {
    texts: ['too many learner members'],
    sentence: () =>
      l10n.t('etcd refused: it has as many learners as it may have. Promote or remove one of them first.'),
  },
  { texts: ['member not found'], sentence: () => l10n.t('etcd refused: there is no such member any more.') },
  {
    texts: ['bad leader transferee'],
    sentence: () => l10n.t('etcd refused: this member cannot become the leader, since it is a learner or is gone.'),
  },
  {
    texts: ['not leader'],
    sentence: () => l10n.t('etcd refused: the leader has changed meanwhile. Nothing was changed; try again.'),
  },
  {
    texts: ['root user does not exist'],
    sentence: () => l10n.t('etcd refused: authentication needs a user named root. Add it first.'),
  },
  {
    texts: ['root user does not have root role'],
    sentence: () => l10n.t('etcd refused: authentication needs the user root to have the role root. Grant it first.'),
  },
  {
    texts: ['invalid auth management'],
    sentence: () =>
      l10n.t(
        'etcd refused: while authentication is on, the user root and its role root have to stay. Nothing was changed.',
      ),
  },
  { texts: ['user name already exists'], sentence: () => l10n.t('etcd refused: there is a user of this name.') },
  { texts: ['user name not found'], sentence: () => l10n.t('etcd refused: there is no user of this name.') },
  { texts: ['role name already exists'], sentence: () => l10n.t('etcd refused: there is a role of this name.') },
  { texts: ['role name not found'], sentence: () => l10n.t('etcd refused: there is no role of this name.') },
  {
    texts: ['role is not granted to the user'],
    sentence: () => l10n.t('etcd refused: the user does not have this role.'),
  },
  {
    texts: ['permission is not granted to the role'],
    sentence: () => l10n.t('etcd refused: the role does not have this permission.'),
  },
];
