import type { Severity } from '../../ui/severity.ts';

/** Signs that distinguish severities without colors. */
const SIGNS: Readonly<Record<Severity, string>> = {
  plain: '',
  good: '✓ ',
  warning: '⚠ ',
  failed: '✗ ',
  hidden: '',
};

/** Creates an element; its text is never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  text = '',
): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
  created.textContent = text;
  return created;
}

/** Shows a sentence with the sign and the color of its severity. */
export function show(at: HTMLElement, sentence: string, severity: Severity): void {
  const text = `${SIGNS[severity]}${sentence}`;
  if (at.textContent !== text) at.textContent = text;
  at.className = `sentence ${severity}`;
}
