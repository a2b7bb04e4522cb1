import { l10n } from 'vscode';
import { asText } from '../../../etcd/utf8.ts';
import type { Fact, MoreFacts } from '../../../ui/keyTooltip.ts';
import type { Look } from './layout.ts';

/** Limit of a summary in a tooltip, in characters. */
const MAX_SUMMARY = 200;

/**
 * Describes a key or folder of a known layout, with a link to its documentation.
 * @param value the key's value, for the tooltip of a key
 */
export function layoutFacts(
  look: Look | undefined,
  value?: Uint8Array,
): MoreFacts & { readonly facts: readonly Fact[] } {
  if (!look) return { facts: [] };
  const { product, what, docs, summary } = look;
  const text = summary && value && asText(value);
  const says = text === undefined ? undefined : summary?.(text);
  return {
    facts: [[product, what], ...(says === undefined ? [] : [[l10n.t('Says'), says.slice(0, MAX_SUMMARY)] as const])],
    link: { text: l10n.t('Documentation of {0}', product), url: docs },
  };
}
