import { chromium } from 'playwright-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { ensureChromium } from '../setup/chromium.ts';
import { progressToStderr } from '../setup/progress.ts';
import type { Progress } from '../setup/progress.ts';

const secretKeyLength = 32;

/** Starts a headless browser. */
export async function openBrowser(progress: Progress = progressToStderr): Promise<Browser> {
  const { executablePath, env, args } = await ensureChromium(progress);
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return chromium.launch({ executablePath, env: Object.fromEntries(variables), args: [...args] });
}

/** A context with a state of its own, in which an extension's secrets survive a reload of the page. */
export async function openContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  // VS Code encrypts secrets with a key that its server hands out; this server refuses to, and each load would make a new one.
  await context.route('**/mint-key', (route) => route.fulfill({ body: Buffer.alloc(secretKeyLength, 7) }));
  return context;
}
