import { setTimeout as delay } from 'node:timers/promises';
import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';

/** What VS Code itself gets wrong in every view and question: the beginning of a finding. */
const FAULTS_OF_VSCODE = [
  'nested-interactive: <div class="pane-header',
  'nested-interactive: <div class="monaco-list-row',
  'aria-allowed-attr: <div class="monaco-list-row',
  'aria-prohibited-attr: <div class="monaco-keybinding',
  'aria-valid-attr-value: <input class="input"',
  'aria-prohibited-attr: <div id="monaco-dialog-icon"',
  'tabindex: <div class="monaco-custom-toggle',
];

/** How often a part is looked at until it has no fault: one that fades in has no contrast yet. */
const MAX_LOOKS = 10;
const PAUSE_MILLISECONDS = 500;

/**
 * Returns what axe finds wrong in a part of the page and what lasts, each as its rule and the element, without VS
 * Code's own faults.
 */
export async function axeFindings(page: Page | Frame, part: string): Promise<string[]> {
  await page.evaluate(axe.source);
  let found = await look(page, part);
  for (let looks = 1; found.length > 0 && looks < MAX_LOOKS; looks++) {
    await delay(PAUSE_MILLISECONDS);
    found = await look(page, part);
  }
  return found;
}

async function look(page: Page | Frame, part: string): Promise<string[]> {
  const found = await page.evaluate(async (selector) => {
    const { axe: engine } = globalThis as unknown as { axe: typeof axe };
    // VS Code writes a row's label and description without a space in between.
    const rules = { 'label-content-name-mismatch': { enabled: false } };
    const { violations } = await engine.run(selector, { rules });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }, part);
  return found.filter((finding) => !FAULTS_OF_VSCODE.some((fault) => finding.startsWith(fault)));
}
