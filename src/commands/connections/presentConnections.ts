import type { Connection } from '../../connections/connection.ts';
import type { CommandContext } from '../context/commandContext.ts';

/** Resolves to the connection once the changed settings are in effect, which VS Code reports after the write. */
export async function settled({ connections }: CommandContext, id: string, replaced?: Connection): Promise<Connection> {
  const current = () => {
    const connection = connections.get(id);
    return connection === replaced ? undefined : connection;
  };
  const found = current();
  if (found) return found;
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const listener = connections.onDidChange(() => {
    const connection = current();
    if (connection) resolve(connection);
  });
  return await promise.finally(() => listener.dispose());
}

/**
 * Returns the names that a connection cannot be given.
 * @param self undefined for a new connection
 */
export function connectionNames({ connections }: CommandContext, self?: Connection): string[] {
  return connections.configured.filter((connection) => connection !== self).map(({ name }) => name);
}
