import * as l10n from '@vscode/l10n';
import { EtcdError } from '../errors.ts';
import { rangeText } from '../keys/rangeText.ts';
import { joinedRanges, rangeWithin, rangeWithout } from '../keys/rangeSets.ts';
import type { KeyRange } from '../keyStore.ts';
import { beginnings, ownRights, type RangeAccess, type Rights } from './permittedRanges.ts';
import type { Session } from './session.ts';

/** Ranges that a request reads and writes. */
export type Needs = Readonly<Partial<Record<RangeAccess, readonly KeyRange[]>>>;

/** Limit of the ranges that a sentence names. */
const NAMED = 5;

/**
 * Runs requests and, if etcd denies them, adds what the user's roles lack.
 * @param needs what the requests read and write
 */
export async function explainingDenial<T>(
  session: Session,
  needs: () => Needs | Promise<Needs>,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!EtcdError.is(error, 'permissionDenied')) throw error;
    throw await explainDenial(session, await needs(), error);
  }
}

/** Returns a denial that names what the user's roles lack or, if the user may not know that, the denial itself. */
export async function explainDenial(session: Session, needs: Needs, denial: EtcdError): Promise<EtcdError> {
  try {
    const rights = await ownRights(session);
    const sentence = rights && missingText(rights, needs);
    if (sentence === undefined) return denial;
    const { notCarriedOut } = denial;
    return new EtcdError('permissionDenied', sentence, { cause: denial, notCarriedOut });
  } catch (error) {
    if (EtcdError.is(error)) return denial;
    throw error;
  }
}

/** Describes what the roles lack; undefined if that is nothing, because they have changed since. */
function missingText({ user, roles, rangesFor }: Rights, { read = [], write = [] }: Needs): string | undefined {
  const readable = rangesFor('read');
  const lacked = lackedRanges(read, readable);
  const [reads, writes] = [rangesText(lacked), rangesText(lackedRanges(write, rangesFor('write')))];
  const why = roles.length > 0 ? l10n.t('its roles: {0}', roles.join(', ')) : l10n.t('it has no role');
  if (reads !== '' && reads === writes)
    return l10n.t('The etcd user {0} may neither read nor write {1}: no role grants that ({2}).', user, reads, why);
  const parts = lacked.flatMap((range) => rangeWithin(range, readable));
  const sentences = [
    reads && l10n.t('The etcd user {0} may not read {1}: no role grants that ({2}).', user, reads, why),
    parts.length > 0 ? l10n.t('It may read what begins at {0}.', beginnings(parts)) : '',
    writes && l10n.t('The etcd user {0} may not write {1}: no role grants that ({2}).', user, writes, why),
  ].filter((sentence) => sentence !== '');
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/** Returns the needed ranges that are not granted as a whole. */
function lackedRanges(needed: readonly KeyRange[], granted: readonly KeyRange[]): KeyRange[] {
  return joinedRanges(needed.filter((range) => rangeWithout(range, granted).length > 0));
}

function rangesText(ranges: readonly KeyRange[]): string {
  return ranges.slice(0, NAMED).map(rangeText).join(', ') + (ranges.length > NAMED ? ', …' : '');
}
