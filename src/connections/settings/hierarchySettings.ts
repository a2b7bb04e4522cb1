import * as l10n from '@vscode/l10n';
import { commonFolder } from '../../etcd/keys/commonFolder.ts';
import { Hierarchy, SLASHES } from '../../etcd/keys/hierarchy.ts';
import { KeyTextError, parseKeyText } from '../../etcd/keys/keyText.ts';

/** Limit of the folders at the top of a connection. */
const MAX_ROOTS = 100;

/** The settings of a connection that decide the shape of its tree. */
export interface HierarchySettings {
  readonly name: string;
  readonly api?: string | undefined;
  readonly root?: string | readonly string[] | undefined;
  readonly separator?: string | readonly string[] | undefined;
}

/**
 * Returns how the settings divide keys into folders; v2 keys are always divided by slashes.
 * @throws KeyTextError
 */
export function hierarchyOf({ separator, api }: Pick<HierarchySettings, 'separator' | 'api'>): Hierarchy {
  if (separator === undefined || api === 'v2') return SLASHES;
  const texts = typeof separator === 'string' ? [separator] : separator;
  return new Hierarchy(texts.filter(Boolean).map(parseKeyText));
}

/**
 * Returns the prefixes of the keys that a connection shows, at least one: its `root`, made folders if the hierarchy has
 * folders, and without those inside another.
 * @throws KeyTextError
 */
export function rootsOf({ root = '' }: Pick<HierarchySettings, 'root'>, hierarchy: Hierarchy): Uint8Array[] {
  const texts = typeof root === 'string' ? [root] : root.slice(0, MAX_ROOTS);
  const roots = texts.map((text) => hierarchy.asFolder(parseKeyText(text)));
  const isInside = (path: Uint8Array, index: number) =>
    roots.some((other, at) => {
      const begins = Buffer.compare(path.subarray(0, other.length), other) === 0;
      return begins && (other.length < path.length || at < index);
    });
  return roots.length > 0 ? roots.filter((path, index) => !isInside(path, index)) : [new Uint8Array()];
}

/** Returns the prefix that all of `rootsOf` have in common. @throws KeyTextError */
export function rootOf(settings: Pick<HierarchySettings, 'root'>, hierarchy: Hierarchy): Uint8Array {
  const roots = rootsOf(settings, hierarchy);
  return roots.length === 1 && roots[0] ? roots[0] : commonFolder(hierarchy, roots);
}

/** Explains what is wrong with the settings' hierarchy, in a sentence for the user. */
export function hierarchyProblem(settings: HierarchySettings): string | undefined {
  return (
    problemOf(settings, 'separator', () => hierarchyOf(settings)) ??
    problemOf(settings, 'root', () => rootOf(settings, SLASHES))
  );
}

function problemOf({ name }: HierarchySettings, property: string, read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof KeyTextError)
      return l10n.t('The "{0}" of the connection {1} is not valid key text. {2}', property, name, error.message);
    throw error;
  }
}
