import { MarkdownString } from 'vscode';
import { lines, literal } from './literal.ts';

/** Creates a tooltip or a notice that shows these lines literally. */
export function plainMarkdown(text: string | readonly string[]): MarkdownString {
  return new MarkdownString(lines(text).map(verbatim).join('\n\n'));
}

/** A link to a page, whose address is always a constant and never foreign text. */
export interface PageLink {
  readonly text: string;
  readonly url: string;
}

/** Creates a title with names and their values below it, and with a link at the end if there is one. */
export function factMarkdown(
  title: string,
  facts: readonly (readonly [name: string, value: string])[],
  link?: PageLink,
): MarkdownString {
  const rows = facts.map(([name, value]) => `**${verbatim(literal(name))}**: ${verbatim(literal(value))}`);
  const links = link ? [`[${verbatim(literal(link.text))}](${link.url})`] : [];
  return new MarkdownString([verbatim(literal(title)), ...rows, ...links].join('\n\n'));
}

/**
 * Escapes a text for a Markdown document. The joiner without width prevents VS Code from turning addresses into links.
 */
export function markdownText(text: string): string {
  return literal(text)
    .replaceAll('://', ':\u2060//')
    .replaceAll(/[\\`*_{}[\]<>|]/g, String.raw`\$&`);
}

/**
 * Writes every punctuation mark as a character reference, because Markdown makes links even from text that `appendText`
 * escapes.
 */
function verbatim(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N} ]|^ | (?= )| $/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
