import { statSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join, sep } from 'node:path';
import { commands, ConfigurationTarget, extensions, workspace } from 'vscode';
import { EXTENSION_ID } from '../package/extensionId.ts';

/**
 * Row of the report: the extension, whether it was needed at once, and the milliseconds to read its code and to call
 * `activate`.
 */
const ROW = new RegExp(`\\| ${EXTENSION_ID} *\\| *\\w+ *\\| *(\\d+) *\\| *(\\d+) *\\|`);
const REPORT_LIMIT = 20_000;

/** The cost of activating the extension; see `activation.ts`, which bundles this and reads the file that it writes. */
export interface Activation {
  /** Time from the request until it is active, with the way to the window and back. */
  readonly milliseconds: number;
  /** Milliseconds, as VS Code measures them, for reading its code and calling `activate`. */
  readonly load: number;
  readonly call: number;
  /** Bytes of the code that it has read by then. */
  readonly bytes: number;
  /** Timers and connections that its code began; 0 if they were not counted, because counting takes time. */
  readonly timers: number;
  readonly connections: number;
}

/** Whether to count rather than to measure. */
declare const COUNTED: boolean;

export async function run(): Promise<void> {
  const connections = [{ name: 'configured', endpoints: ['http://127.0.0.1:2379'] }];
  await workspace.getConfiguration('etcd').update('connections', connections, ConfigurationTarget.Global);
  const extension = extensions.getExtension(EXTENSION_ID);
  if (!extension || extension.isActive) throw new Error('the extension is not there, or active before it is asked for');
  const begun = COUNTED ? countWhatBegins() : { timers: 0, connections: 0 };
  const started = performance.now();
  await extension.activate();
  const milliseconds = performance.now() - started;
  const bytes = bytesLoaded(join(extension.extensionPath, 'dist') + sep);
  const activation: Activation = { milliseconds, ...(await measuredByVsCode()), bytes, ...begun };
  writeFileSync(join(__dirname, 'activation.json'), JSON.stringify(activation));
}

/** Starts counting. */
function countWhatBegins(): Pick<Activation, 'timers' | 'connections'> {
  const begun = { timers: 0, connections: 0 };
  const isOurs = (frames: string | undefined) => /[\\/]dist[\\/][^\\/]+\.cjs/.test(frames ?? '');
  const stack = () => new Error('who calls').stack ?? '';
  const counted =
    <Rest extends unknown[], Result>(begin: (...rest: Rest) => Result) =>
    (...rest: Rest): Result => {
      // VS Code's own messages begin timers too, so only the caller counts.
      if (isOurs(stack().split('\n')[3])) begun.timers++;
      return begin(...rest);
    };
  globalThis.setTimeout = Object.assign(counted(globalThis.setTimeout), globalThis.setTimeout);
  globalThis.setInterval = Object.assign(counted(globalThis.setInterval), globalThis.setInterval);
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...rest: Parameters<typeof connect>) {
    if (isOurs(stack())) begun.connections++;
    return connect.apply(this, rest);
  } as typeof connect;
  return begun;
}

function bytesLoaded(folder: string): number {
  const files = Object.keys(require.cache).filter((path) => path.startsWith(folder));
  return files.reduce((sum, path) => sum + statSync(path).size, 0);
}

/** Reads the extension's row in the document of "Developer: Startup Performance". */
async function measuredByVsCode(): Promise<Pick<Activation, 'load' | 'call'>> {
  const begun = performance.now();
  await commands.executeCommand('perfview.show');
  while (performance.now() - begun < REPORT_LIMIT) {
    const report = workspace.textDocuments.map((document) => document.getText()).join('\n');
    const [, load, call] = ROW.exec(report) ?? [];
    if (call !== undefined) return { load: Number(load), call: Number(call) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('VS Code tells no times');
}
