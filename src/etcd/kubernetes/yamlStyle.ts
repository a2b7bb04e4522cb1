import { SCALAR_STYLE, type ScalarLayout } from 'js-yaml';

const WORDS = new Set([
  '',
  '~',
  ...['null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n'].flatMap((word) => [
    word,
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    word.toUpperCase(),
  ]),
]);

const OTHER_TYPES = [
  /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/,
  /^[-+]?(0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/,
  /^[-+]?\.(inf|Inf|INF)$/,
  /^\.(nan|NaN|NAN)$/,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d*)?(Z|[+-]\d\d:\d\d)?)?$/,
];
/** Longer than any number or time in this form. */
const MAX_NUMBER_LENGTH = 1000;

const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;
const ESCAPED = /[\r\u0085\u2028\u2029\ufeff]|[^\t\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd]/;
const BREAK_AFTER_SPACE = / [\n\r\u0085\u2028\u2029]/;
const SPACE_AFTER_BREAK = /[\n\r\u0085\u2028\u2029] /;
const NOT_PLAIN = /^([#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:]( |$))|: |:$| #|^ | $/;

/** Whether go-yaml, which reads YAML 1.1, would read the plain text as another type. */
function isOtherType(text: string): boolean {
  if (WORDS.has(text)) return true;
  if (text.length > MAX_NUMBER_LENGTH) return false;
  const digits = /^[-+.\d]/.test(text) ? text.replaceAll('_', '') : text;
  return OTHER_TYPES.some((pattern) => pattern.test(text) || pattern.test(digits));
}

function styleOf(text: string, isKey: boolean) {
  const escaped = ESCAPED.test(text) || BREAK_AFTER_SPACE.test(text);
  if (text.includes('\n')) {
    return isKey || escaped || text.endsWith(' ') ? SCALAR_STYLE.DOUBLE_QUOTED : SCALAR_STYLE.LITERAL_BLOCK;
  }
  if (escaped || text.includes('\t') || isOtherType(text) || SPACE_AFTER_BREAK.test(text)) {
    return SCALAR_STYLE.DOUBLE_QUOTED;
  }
  return NOT_PLAIN.test(text) || LINE_BREAK.test(text) ? SCALAR_STYLE.SINGLE_QUOTED : SCALAR_STYLE.PLAIN;
}

/**
 * Chooses kubectl's style of a text: plain; double quotes if it would be read as another type; single quotes if it
 * would not be valid YAML; a block if it has several lines.
 */
export function kubectlStyle(layout: ScalarLayout): void {
  const { node, isKey } = layout;
  if (node.tag !== 'tag:yaml.org,2002:str') return;
  const style = styleOf(node.value, isKey);
  // Double quotes, if js-yaml would not read that style back.
  layout.style = (layout.allowedStylesMask & (1 << style)) === 0 ? SCALAR_STYLE.DOUBLE_QUOTED : style;
}
