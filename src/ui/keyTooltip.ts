import { l10n, MarkdownString } from 'vscode';
import type { KeyFacts } from '../etcd/keyFacts.ts';
import { keyText } from '../etcd/keyspace/keyText.ts';
import { leaseText } from '../etcd/leaseText.ts';

/** Names with their values, as a tooltip shows them. */
export type Fact = readonly [name: string, value: string];

/** A key's revisions, version, size and lease, without its value; no facts where the key does not exist. */
export function keyTooltip(key: Uint8Array, facts: KeyFacts | undefined, secondsToLive?: number): MarkdownString {
  return factTable(keyText(key), keyFacts(facts, secondsToLive));
}

export function keyFacts(facts: KeyFacts | undefined, secondsToLive?: number): Fact[] {
  if (!facts) return [[l10n.t('State'), l10n.t('does not exist any more')]];
  const { size, modRevision, createRevision, version, ttl, lease } = facts;
  const lines: Fact[] = [
    [l10n.t('Size'), l10n.t('{0} bytes', size.toLocaleString())],
    [l10n.t('Modified'), l10n.t('revision {0}', String(modRevision))],
    [l10n.t('Created'), l10n.t('revision {0}', String(createRevision))],
  ];
  if (version !== undefined) lines.push([l10n.t('Version'), String(version)]);
  if (ttl !== undefined) lines.push([l10n.t('Expires'), l10n.t('in {0} s', secondsToLive ?? ttl)]);
  if (lease) {
    const remaining = secondsToLive === undefined ? '' : l10n.t(', {0} s left', secondsToLive);
    lines.push([l10n.t('Lease'), leaseText(lease) + remaining]);
  }
  return lines;
}

/** Names and keys come from servers and workspaces: they are only ever appended as text. */
export function factTable(title: string, lines: readonly Fact[]): MarkdownString {
  const markdown = new MarkdownString();
  markdown.appendText(title);
  for (const [name, value] of lines) {
    markdown.appendMarkdown('\n\n**');
    markdown.appendText(name);
    markdown.appendMarkdown('**: ');
    markdown.appendText(value);
  }
  return markdown;
}
