import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import type { Page } from 'playwright-core';
import { progressToStderr } from '../setup/progress.ts';
import type { Progress } from '../setup/progress.ts';
import type { VsCodeVersion } from '../setup/vscodeServer.ts';
import { openBrowser, openContext } from './browser.ts';
import { startVsCodeServer, type Settings } from './server.ts';

const loadLimitMilliseconds = 60_000;

/** Messages of the workbench itself, which do not belong in a test report. */
const noise = new RegExp(
  [
    String.raw`^\[AgentHost`,
    String.raw`^\[AccountPolicyGate\]`,
    String.raw`^\[ChatModelSelection\]`,
    String.raw`^\[Service Worker\]`,
    String.raw`^\[reconnection-grace-time\]`,
    '^Resolv(ing|ed) connection token',
    '^Creating a socket',
    '^Updating additional builtin',
    'getaddrinfo (ENOTFOUND|EAI_AGAIN)',
    '^ChatSessionStore',
    '^(Error: )?Canceled',
  ].join('|'),
);

export interface ExtensionTests {
  readonly version: VsCodeVersion;
  readonly developmentPaths: readonly string[];
  /** The module whose `run` function runs the tests in the extension host. */
  readonly testsPath: string;
  readonly workspaceFolder?: string;
  /** The user's settings. */
  readonly settings?: Settings;
  /** The user's actions in the window during the tests. */
  readonly meanwhile?: (page: Page) => Promise<void>;
  readonly progress?: Progress;
}

interface Observed {
  /** The tests' exit code; rejects if the page goes away before. */
  readonly exitCode: Promise<number>;
}

/** Listens to a page before it is loaded: VS Code's test driver calls these two functions of it. */
async function observe(page: Page): Promise<Observed> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    const line = format(...args);
    if (!noise.test(line)) process.stdout.write(`${line}\n`);
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  page.once('crash', () => reject(new Error("VS Code's page crashed")));
  page.once('close', () => reject(new Error("VS Code's page was closed before the tests ended")));
  return { exitCode: promise };
}

function testAddress(url: string, port: number, { developmentPaths, testsPath }: ExtensionTests): string {
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${pathToFileURL(path).pathname}`;
  const payload = [
    ...developmentPaths.map((path) => ['extensionDevelopmentPath', remote(path)]),
    ['extensionTestsPath', remote(testsPath)],
    ['skipWelcome', 'true'],
  ];
  return `${url}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

/**
 * Runs an extension's tests in the extension host of a real VS Code and writes their report to standard output.
 * Resolves to their exit code.
 */
export async function runExtensionTests(tests: ExtensionTests): Promise<number> {
  const { version, workspaceFolder, settings = {}, meanwhile, progress = progressToStderr } = tests;
  const folder = workspaceFolder === undefined ? {} : { workspaceFolder };
  const server = await startVsCodeServer({ version, driver: true, progress, settings, ...folder });
  try {
    const browser = await openBrowser(progress);
    try {
      const page = await (await openContext(browser)).newPage();
      const { exitCode } = await observe(page);
      const serverEnd = server.ended.then((): never => {
        throw new Error("VS Code's server ended before the tests did");
      });
      const load = async (): Promise<number> => {
        await page.goto(testAddress(server.url, server.port, tests));
        await page.locator('.monaco-workbench').waitFor({ timeout: loadLimitMilliseconds });
        await meanwhile?.(page);
        return exitCode;
      };
      return await Promise.race([exitCode, serverEnd, load()]);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}
