import * as l10n from '@vscode/l10n';
import { Hierarchy, SLASHES } from '../etcd/keyspace/hierarchy.ts';
import { KeyTextError, parseKeyText } from '../etcd/keyspace/keyText.ts';
import type { ConnectionSettings } from './connectionProfile.ts';

/**
 * How the settings divide keys into folders. v2 keys are divided by slashes, whatever the settings say.
 * @throws KeyTextError
 */
export function hierarchyOf({ separator, api }: Pick<ConnectionSettings, 'separator' | 'api'>): Hierarchy {
  if (separator === undefined || api === 'v2') return SLASHES;
  const texts = typeof separator === 'string' ? [separator] : separator;
  return new Hierarchy(texts.filter(Boolean).map(parseKeyText));
}

/**
 * The prefix of what is shown of a connection: its `root`, which is a folder where the hierarchy has any.
 * @throws KeyTextError
 */
export function rootOf({ root = '' }: Pick<ConnectionSettings, 'root'>, hierarchy: Hierarchy): Uint8Array {
  return hierarchy.asFolder(parseKeyText(root));
}

/** What is wrong with the settings' hierarchy, as a sentence for the user. */
export function hierarchyProblem(settings: ConnectionSettings): string | undefined {
  return (
    problemOf(settings, 'separator', () => hierarchyOf(settings)) ??
    problemOf(settings, 'root', () => rootOf(settings, SLASHES))
  );
}

function problemOf({ name }: ConnectionSettings, property: string, read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof KeyTextError)
      return l10n.t('The "{0}" of the connection {1} is no key text. {2}', property, name, error.message);
    throw error;
  }
}
