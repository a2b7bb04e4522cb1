import { extensions, type Disposable, type ExtensionContext } from 'vscode';
import type { EtcdApi, EtcdExtension } from '../../src/commands/api/etcdApi.d.ts';

/** What the tests use. */
export interface Example {
  readonly connect: () => Promise<EtcdApi>;
  readonly countKeys: typeof countKeys;
  readonly follow: typeof follow;
}

/** An extension that uses the API of etcd for VS Code. It asks for it only when the user wants something of etcd. */
export function activate({ extension }: Pick<ExtensionContext, 'extension'>): Example {
  const connect = async () => {
    const etcd = extensions.getExtension<EtcdExtension>('etcd-for-vscode.etcd-for-vscode');
    if (!etcd) throw new Error('etcd for VS Code is not installed.');
    return await (await etcd.activate()).getApi(1, extension.id);
  };
  return { connect, countKeys, follow };
}

/** Counts the keys below a prefix and the bytes of their values, level by level. */
async function countKeys(
  api: EtcdApi,
  connectionId: string,
  prefix: Uint8Array,
): Promise<{ readonly keys: number; readonly bytes: number }> {
  let [keys, bytes] = [0, 0];
  const { children } = await api.list(connectionId, prefix);
  for (const { kind, path } of children) {
    if (kind === 'folder') {
      const below = await countKeys(api, connectionId, path);
      keys += below.keys;
      bytes += below.bytes;
      continue;
    }
    const found = await api.read(connectionId, path);
    keys += 1;
    bytes += found?.value.length ?? 0;
  }
  return { keys, bytes };
}

/** Tells each change below a prefix as a line. */
function follow(
  api: EtcdApi,
  connectionId: string,
  prefix: Uint8Array,
  tell: (line: string) => void,
  failed: (error: Error) => void,
): Disposable {
  const name = (key: Uint8Array) => Buffer.from(key).toString();
  const told = (key: Uint8Array, value: Uint8Array | undefined) =>
    value ? `${name(key)} = ${name(value)}` : `${name(key)} is gone`;
  return api.watch(
    connectionId,
    prefix,
    (changes) => {
      for (const { key, value } of changes) tell(told(key, value));
    },
    failed,
  );
}
