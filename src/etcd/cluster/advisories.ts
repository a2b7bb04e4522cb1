import * as l10n from '@vscode/l10n';

/** A published fault of etcd. */
export interface Advisory {
  /** Its published name, such as `CVE-2026-33413`. */
  readonly name: string;
  readonly effect: string;
  /** The first version of the same series without the fault. */
  readonly fixedIn: string;
}

interface KnownAdvisory {
  readonly name: () => string;
  readonly effect: () => string;
  /** The first patch without the fault, by series that has it. */
  readonly fixed: Readonly<Record<string, number>>;
}

const ONLINE_DEFRAGMENTATION: KnownAdvisory = {
  name: () => l10n.t('changelog of etcd 3.5.6'),
  effect: () => l10n.t('a crash while a member is defragmented can leave inconsistent data'),
  fixed: { '3.5': 6 },
};

const KNOWN: readonly KnownAdvisory[] = [
  ONLINE_DEFRAGMENTATION,
  {
    name: () => 'CVE-2021-28235',
    effect: () => l10n.t('debug pages can reveal a password'),
    fixed: { '3.4': 25, '3.5': 8 },
  },
  {
    name: () => l10n.t('changelog of etcd 3.5.23'),
    effect: () =>
      l10n.t('a member that takes a snapshot from the leader while it is defragmented can corrupt its data'),
    fixed: { '3.4': 38, '3.5': 23 },
  },
  {
    name: () => 'CVE-2026-33413',
    effect: () => l10n.t('users without a permission can call maintenance functions'),
    fixed: { '3.4': 42, '3.5': 28, '3.6': 9 },
  },
  {
    name: () => 'CVE-2026-33343',
    effect: () => l10n.t("nested transactions get around the roles' permissions"),
    fixed: { '3.4': 42, '3.5': 28, '3.6': 9 },
  },
  {
    name: () => l10n.t('changelog of etcd 3.5.30'),
    effect: () => l10n.t("previous values and leases get around the roles' permissions"),
    fixed: { '3.4': 44, '3.5': 30, '3.6': 11 },
  },
  {
    name: () => 'GHSA-3wh4-j44w-pg92',
    effect: () => l10n.t('revoked client certificates can be accepted'),
    fixed: { '3.5': 32, '3.6': 13 },
  },
  {
    name: () => 'GHSA-xg4h-6gfc-h4m8',
    effect: () => l10n.t('a watch can show keys that its user may not read'),
    fixed: { '3.5': 33, '3.6': 14, '3.7': 1 },
  },
  {
    name: () => 'GHSA-6vch-q96h-7gc3',
    effect: () => l10n.t('unfinished TLS connections can use up the memory'),
    fixed: { '3.5': 33, '3.6': 14, '3.7': 1 },
  },
];

/** Returns the published faults of a version; none if the version cannot be read. */
export function advisoriesFor(version: string): Advisory[] {
  return KNOWN.flatMap((known) => {
    const fix = fixFor(version, known);
    return fix === undefined ? [] : [{ name: known.name(), effect: known.effect(), fixedIn: fix }];
  });
}

/** Whether a crash of this version during defragmentation can leave inconsistent data. */
export function hasUnsafeDefragmentation(version: string): boolean {
  return fixFor(version, ONLINE_DEFRAGMENTATION) !== undefined;
}

function fixFor(version: string, { fixed }: KnownAdvisory): string | undefined {
  const [, series = '', patch = ''] = /^(\d+\.\d+)\.(\d+)/.exec(version) ?? [];
  const fix = fixed[series];
  return fix !== undefined && Number(patch) < fix ? `${series}.${fix}` : undefined;
}
