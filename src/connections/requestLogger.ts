import type { LogOutputChannel } from 'vscode';
import type { RequestLogEntry } from '../etcd/http/httpClient.ts';

/** Writes each request to the log at trace level: never a body, a key or a header. */
export function requestLogger(log: LogOutputChannel): (connection: string, entry: RequestLogEntry) => void {
  return (connection, { method, path, endpoint, milliseconds, status, bytes, error }) => {
    const outcome = error ?? `${status}, ${bytes} bytes`;
    log.trace(`${connection}: ${method} ${endpoint}${path} ${outcome} (${milliseconds.toFixed(1)} ms)`);
  };
}
