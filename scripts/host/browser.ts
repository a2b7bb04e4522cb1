import { chromium } from 'playwright-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { ensureChromium } from '../setup/chromium.ts';
import { progressToStderr } from '../setup/progress.ts';
import type { Progress } from '../setup/progress.ts';

const secretKeyLength = 32;
/** Milliseconds after which a browser that starts, or a page that loads, hangs, however busy the machine is. */
const startLimit = 120_000;

/** Starts a headless browser. */
export async function openBrowser(progress: Progress = progressToStderr): Promise<Browser> {
  const { executablePath, env, args } = await ensureChromium(progress);
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return chromium.launch({ executablePath, env: Object.fromEntries(variables), args: [...args], timeout: startLimit });
}

/** Opens a context with a state of its own, in which an extension's secrets survive a reload of the page. */
export async function openContext(browser: Browser): Promise<BrowserContext> {
  // The browser would make one of the machine's locale, such as "en-US@posix", that is none.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  context.setDefaultNavigationTimeout(startLimit);
  // VS Code encrypts secrets with a key from its server. This server refuses to make one, and each load would make
  // another.
  await context.route('**/mint-key', (route) => route.fulfill({ body: Buffer.alloc(secretKeyLength, 7) }));
  return context;
}
