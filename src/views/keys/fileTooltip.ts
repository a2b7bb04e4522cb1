import { l10n, type MarkdownString } from 'vscode';
import { changesText } from '../../etcd/countText.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import { prefixEnd } from '../../etcd/keys/ranges.ts';
import type { FileFacts } from '../../etcd/snapshotFile/fileFacts.ts';
import type { FileSummary, SnapshotSummary } from '../../etcd/snapshotFile/snapshotReader.ts';
import type { Fact } from '../../ui/keyTooltip.ts';
import { sizeText } from '../../etcd/quantities.ts';
import { factMarkdown } from '../../ui/text/markdown.ts';

/** Limit of the users, roles, members and damages that are shown; others are counted. */
const MAX_SHOWN = 10;

/** Describes the content of a file besides keys, and whether the file is complete. */
export function fileTooltip(name: string, file: FileSummary): MarkdownString {
  const { facts, revision, compacted } = file;
  const lines: Fact[] = [
    [l10n.t('File'), file.path],
    [l10n.t('Size'), sizeText(file.size)],
    [l10n.t('Integrity'), integrityText(file)],
    ...file.damages.slice(0, MAX_SHOWN).map((damage): Fact => [l10n.t('Damaged'), damage]),
    [l10n.t('Revisions'), l10n.t('{0} to {1}', String(compacted || 1n), String(revision))],
    [l10n.t('Keys'), l10n.t('{0}, with {1}', file.keys.toLocaleString(), changesText(file.records))],
    [l10n.t('Format'), l10n.t('of etcd {0}', facts.version)],
    [l10n.t('Members'), some(facts.members.map((member) => member.name || member.id))],
    [l10n.t('Authentication'), facts.isAuthEnabled ? l10n.t('on') : l10n.t('off')],
    [l10n.t('Users'), some(facts.users.map((user) => [user.name, bracketed(user.roles)].filter(Boolean).join(' ')))],
    [l10n.t('Roles'), some(facts.roles.map(roleText))],
    [l10n.t('Leases'), facts.leases.length.toLocaleString()],
    ...facts.alarms.map(({ alarm, memberId }): Fact => [l10n.t('Alarm'), `${alarmText(alarm)} (${memberId})`]),
  ];
  return factMarkdown(name, lines);
}

/** Describes in one sentence whether the file is what etcd wrote. */
export function integrityText({ checksum, damageCount }: SnapshotSummary): string {
  const damages = damageCount > 0 ? ` ${l10n.t('Damages found: {0}.', damageCount.toLocaleString())}` : '';
  switch (checksum) {
    case 'verified':
      return `${l10n.t('The SHA-256 checksum is correct.')}${damages}`;
    case 'wrong':
      return `${l10n.t('The SHA-256 checksum is wrong: the file was damaged or changed.')}${damages}`;
    case 'none':
      return `${l10n.t('Cannot be verified: the file has no checksum.')}${damages}`;
  }
}

function roleText({ name, permissions }: FileFacts['roles'][number]): string {
  return [name, bracketed(permissions.map(permissionText))].filter(Boolean).join(' ');
}

function permissionText({ access, key, rangeEnd }: FileFacts['roles'][number]['permissions'][number]): string {
  const isPrefix = rangeEnd.length > 0 && Buffer.compare(prefixEnd(key), rangeEnd) === 0;
  const end = isPrefix ? '…' : rangeEnd.length > 0 ? `–${keyText(rangeEnd)}` : '';
  return `${access} ${keyText(key)}${end}`;
}

function bracketed(texts: readonly string[]): string {
  return texts.length > 0 ? `(${some(texts)})` : '';
}

function some(texts: readonly string[]): string {
  if (texts.length === 0) return l10n.t('none');
  const more = texts.length > MAX_SHOWN ? [l10n.t('{0} more', (texts.length - MAX_SHOWN).toLocaleString())] : [];
  return [...texts.slice(0, MAX_SHOWN), ...more].join(', ');
}

function alarmText(alarm: FileFacts['alarms'][number]['alarm']): string {
  if (alarm === 'noSpace') return l10n.t('no space');
  return alarm === 'corrupt' ? l10n.t('corrupt') : l10n.t('none');
}
