import { l10n } from 'vscode';
import type { KeyAddress } from '../../documents/addresses/keyUri.ts';
import { prefixBelow } from '../../documents/keyFile/keyFolders.ts';
import { EtcdError } from '../../etcd/errors.ts';
import { keyText } from '../../etcd/keys/keyText.ts';
import type { CommandContext } from '../context/commandContext.ts';
import { writableStore } from '../context/targets.ts';
import { transferKeys } from './transferFlow.ts';
import { requireConnection } from '../context/resuming.ts';

/**
 * Renames a key as the command Rename does, when it is renamed as a file. A path without a key is the folder of all
 * keys below it.
 * @throws EtcdError also if some keys stay because others wrote them meanwhile
 */
export async function renameFile(context: CommandContext, from: KeyAddress, to: KeyAddress): Promise<void> {
  const { connections } = context;
  const name = keyText(from.key);
  const [source, target] = [from, to].map(({ connectionId }) => requireConnection(connections.get(connectionId), name));
  if (!source || !target) return;
  const store = await writableStore(source);
  const isKey = (await store.get(from.key)).kv !== undefined;
  const [old, wanted] = isKey ? [from.key, to.key] : [prefixBelow(from.key), prefixBelow(to.key)];
  const roots = [{ kind: isKey ? ('key' as const) : ('folder' as const), from: old, to: wanted }];
  await transferKeys(context, { move: true, source, target, roots: async () => roots, isAgreed: isKey, isQuiet: true });
  const isLeft = isKey
    ? (await store.get(old)).kv !== undefined
    : (await store.listChildren(old).next(1)).children.length > 0;
  if (isLeft) throw new EtcdError('unexpected', l10n.t('{0} was not renamed completely.', name));
}
