import { l10n, type MarkdownString } from 'vscode';
import { bytesText } from '../etcd/countText.ts';
import type { KeyFacts } from '../etcd/keyFacts.ts';
import { keyText } from '../etcd/keys/keyText.ts';
import { leaseText } from '../etcd/leaseText.ts';
import { durationText } from '../etcd/quantities.ts';
import { factMarkdown, type PageLink } from './text/markdown.ts';

/** A name with its value, in a tooltip. */
export type Fact = readonly [name: string, value: string];

/** What a tooltip shows in addition. */
export interface MoreFacts {
  readonly secondsToLive?: number | undefined;
  readonly facts?: readonly Fact[];
  readonly link?: PageLink | undefined;
}

/** Describes a key's revisions, version, size and lease, without its value; no facts if the key does not exist. */
export function keyTooltip(
  key: Uint8Array,
  facts: KeyFacts | undefined,
  { secondsToLive, facts: more = [], link }: MoreFacts = {},
): MarkdownString {
  return factMarkdown(keyText(key), [...more, ...keyFacts(facts, secondsToLive)], link);
}

export function keyFacts(facts: KeyFacts | undefined, secondsToLive?: number): Fact[] {
  if (!facts) return [[l10n.t('State'), l10n.t('deleted')]];
  const { size, modRevision, createRevision, version, ttl, lease } = facts;
  const lines: Fact[] = [
    [l10n.t('Size'), bytesText(size)],
    [l10n.t('Modified'), l10n.t('revision {0}', String(modRevision))],
    [l10n.t('Created'), l10n.t('revision {0}', String(createRevision))],
  ];
  if (version !== undefined) lines.push([l10n.t('Version'), String(version)]);
  if (ttl !== undefined) lines.push([l10n.t('Expires'), l10n.t('in {0}', durationText(secondsToLive ?? ttl))]);
  if (lease) {
    const remaining = secondsToLive === undefined ? '' : l10n.t(', {0} left', durationText(secondsToLive));
    lines.push([l10n.t('Lease'), leaseText(lease) + remaining]);
  }
  return lines;
}
