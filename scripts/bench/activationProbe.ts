import { statSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join, sep } from 'node:path';
import { commands, ConfigurationTarget, extensions, workspace } from 'vscode';

const ID = 'etcd-explorer.etcd-explorer';
/** Of the report: the extension, whether it was needed at once, milliseconds to read its code and to call `activate`. */
const ROW = /\| etcd-explorer\.etcd-explorer *\| *\w+ *\| *(\d+) *\| *(\d+) *\|/;
const REPORT_LIMIT = 20_000;

/** What activating the extension took; see `activation.ts`, which bundles this and reads the file that it writes. */
export interface Activation {
  /** From the demand until it is active, with the way to the window and back. */
  readonly milliseconds: number;
  /** As VS Code measures it, in milliseconds: reading its code, and calling `activate`. */
  readonly load: number;
  readonly call: number;
  /** Of the code that it has read by then. */
  readonly bytes: number;
  /** Timers and connections that its code began; 0 where they were not counted, which takes time. */
  readonly timers: number;
  readonly connections: number;
}

/** Whether to count rather than to measure. */
declare const COUNTED: boolean;

export async function run(): Promise<void> {
  const connections = [{ name: 'configured', endpoints: ['http://127.0.0.1:2379'] }];
  await workspace.getConfiguration('etcd').update('connections', connections, ConfigurationTarget.Global);
  const extension = extensions.getExtension(ID);
  if (!extension || extension.isActive) throw new Error('the extension is not there, or active before it is asked for');
  const begun = COUNTED ? countWhatBegins() : { timers: 0, connections: 0 };
  const started = performance.now();
  await extension.activate();
  const milliseconds = performance.now() - started;
  const bytes = bytesLoaded(join(extension.extensionPath, 'dist') + sep);
  const activation: Activation = { milliseconds, ...(await measuredByVsCode()), bytes, ...begun };
  writeFileSync(join(__dirname, 'activation.json'), JSON.stringify(activation));
}

/** From now on. */
function countWhatBegins(): Pick<Activation, 'timers' | 'connections'> {
  const begun = { timers: 0, connections: 0 };
  const isOurs = (frames: string | undefined) => /[\\/]dist[\\/][^\\/]+\.cjs/.test(frames ?? '');
  const stack = () => new Error('who calls').stack ?? '';
  const counted =
    <Rest extends unknown[], Result>(begin: (...rest: Rest) => Result) =>
    (...rest: Rest): Result => {
      // VS Code's own messages begin timers too: what counts is who calls this one.
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

/** What "Developer: Startup Performance" says of the extension, in a row of the document that it writes. */
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
