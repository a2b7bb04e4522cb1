import { once } from 'node:events';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, isAbsolute, join } from 'node:path';

/** Milliseconds in which a port of this machine answers if anything listens there. */
const ANSWER_LIMIT = 1000;

/** Whether something on this machine accepts connections at a port. Sends nothing. */
export async function listensLocally(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Finds a program as a shell would, but never in the present folder.
 * @param path the folders to look in, as in the variable PATH
 */
export async function findProgram(name: string, path = process.env['PATH'] ?? ''): Promise<string | undefined> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const candidate = join(folder, file);
    const isProgram = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return candidate;
  }
  return undefined;
}
