import * as l10n from '@vscode/l10n';
import { Hierarchy, SLASHES } from '../../etcd/keys/hierarchy.ts';
import { KeyTextError, parseKeyText } from '../../etcd/keys/keyText.ts';

/** The settings of a connection that decide the shape of its tree. */
export interface HierarchySettings {
  readonly name: string;
  readonly api?: string | undefined;
  readonly root?: string | undefined;
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
 * Returns the prefix of the keys that a connection shows: its `root`, made a folder if the hierarchy has folders.
 * @throws KeyTextError
 */
export function rootOf({ root = '' }: Pick<HierarchySettings, 'root'>, hierarchy: Hierarchy): Uint8Array {
  return hierarchy.asFolder(parseKeyText(root));
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
