import * as l10n from '@vscode/l10n';
import type { KeyRange } from '../keyStore.ts';
import { keyText } from './keyText.ts';
import { isOpen, prefixEnd, singleKeyRange } from './ranges.ts';

/** Describes a range in words. */
export function rangeText(range: KeyRange): string {
  const { start, end } = range;
  const isFirst = start.length === 1 && start[0] === 0;
  if (isOpen(range)) return isFirst ? l10n.t('all keys') : l10n.t('everything from {0} on', keyText(start));
  if (Buffer.compare(end, singleKeyRange(start).end) === 0) return l10n.t('the key {0}', keyText(start));
  if (Buffer.compare(end, prefixEnd(start)) === 0) return l10n.t('what begins with {0}', keyText(start));
  return l10n.t('from {0} up to, without, {1}', keyText(start), keyText(end));
}
