import { limitedWork } from '../../etcd/limitedWork.ts';

/**
 * Rules that guess a language from the text itself. The first one with a result decides; an empty list means plain
 * text.
 */
type LanguageRule = (text: string) => readonly string[] | undefined;

const PLAIN: readonly string[] = [];
/** Files with these extensions stay plain text, for which VS Code has a language. */
const PLAIN_NAME = /\.(?:txt|text|log)$/i;

const INTERPRETERS: readonly [RegExp, string][] = [
  [/^(?:ba|da|k|z|a)?sh$/, 'shellscript'],
  [/^python[\d.]*$/, 'python'],
  [/^(?:node|nodejs)$/, 'javascript'],
  [/^perl[\d.]*$/, 'perl'],
  [/^ruby[\d.]*$/, 'ruby'],
];

/** Length of the text that each rule examines: enough to decide, and little work for any text. */
const SAMPLE_LENGTH = 16_384;

/** Milliseconds for all rules together. */
const TIME_LIMIT = 100;

const RULES: readonly LanguageRule[] = [
  pem,
  shebang,
  json,
  markup,
  (text) => dockerfile(sample(text)),
  (text) => assignments(sample(text)),
  (text) => yaml(sample(text)),
];

/**
 * Guesses the language of a key whose name tells VS Code nothing, if its text leaves little doubt.
 * @param available the languages of this VS Code
 * @returns undefined also if guessing would take too long
 */
export function suggestLanguage(keyPath: string, text: string, available: readonly string[]): string | undefined {
  if (PLAIN_NAME.test(keyPath)) return undefined;
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (trimmed === '') return undefined;
  const candidates = limitedWork({ milliseconds: TIME_LIMIT }, () => candidatesFor(trimmed));
  return candidates?.find((language) => available.includes(language));
}

function candidatesFor(text: string): readonly string[] | undefined {
  for (const rule of RULES) {
    const candidates = rule(text);
    if (candidates) return candidates;
  }
  return undefined;
}

function pem(text: string): readonly string[] | undefined {
  return /^-----BEGIN [A-Z0-9 ]+-----/.test(text) ? PLAIN : undefined;
}

function shebang(text: string): readonly string[] | undefined {
  const command = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text);
  if (!command) return undefined;
  const [, path = '', argument = ''] = command;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const interpreter = name === 'env' ? argument : name;
  const known = INTERPRETERS.find(([pattern]) => pattern.test(interpreter));
  return known ? [known[1]] : PLAIN;
}

function json(text: string): readonly string[] | undefined {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    JSON.parse(text);
    return ['json'];
  } catch {
    // The text is not JSON; `[section]` may begin TOML.
    return undefined;
  }
}

function markup(text: string): readonly string[] | undefined {
  if (/^(?:<!--[\s\S]*?-->\s*)?(?:<!doctype html|<html)[\s>]/i.test(text)) return ['html'];
  if (/^<\?xml\s/.test(text)) return ['xml'];
  const element = /^<([\p{L}_][\w.:-]*)(?:\s[^<>]*?)?(\/)?>/u.exec(text);
  if (!element) return undefined;
  const [whole, name = '', closed] = element;
  const isWhole = closed === undefined ? text.endsWith(`</${name}>`) : whole.length === text.length;
  return isWhole ? ['xml'] : undefined;
}

function dockerfile(text: string): readonly string[] | undefined {
  const instructions = significantLines(text, /^#/);
  const hasBase = /^(?:ARG\s+\S+|FROM\s+(?:--platform=\S+\s+)?[\w./:@${}-]+(?:\s+AS\s+[\w.-]+)?)$/i.test(
    instructions[0] ?? '',
  );
  const hasStep = instructions.some((line) => /^(?:RUN|CMD|COPY|ADD|ENTRYPOINT|WORKDIR|ENV|EXPOSE|USER)\s/.test(line));
  return hasBase && hasStep && instructions.some((line) => /^FROM\s/i.test(line)) ? ['dockerfile'] : undefined;
}

/** Recognizes TOML if every value is valid in TOML, otherwise ini; a single assignment is not enough. */
function assignments(text: string): readonly string[] | undefined {
  const joined = text.replace(/=\s*(?:"""[\s\S]*?"""|'''[\s\S]*?'''|\[[^\]]*\])/g, (value) =>
    value.replace(/\s+/g, ' '),
  );
  const lines = significantLines(joined, /^[#;]/);
  const isSection = (line: string): boolean => /^\[{1,2}[^[\]]+\]{1,2}\s*(?:[#;].*)?$/.test(line);
  const isAssignment = (line: string): boolean => /^[\w.$/"'-][\w.$/"' -]*=/.test(line);
  if (lines.length < 2 || !lines.every((line) => isSection(line) || isAssignment(line))) return undefined;
  const values = lines.filter((line) => !isSection(line)).map((line) => line.slice(line.indexOf('=') + 1).trim());
  if (values.length > 0 && values.every(isTomlValue)) return ['toml', 'ini'];
  return lines.some(isSection) ? ['ini'] : ['properties', 'ini'];
}

function isTomlValue(value: string): boolean {
  const bare =
    /^(?:true|false|[+-]?(?:inf|nan|0x[\da-f_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?))$/i;
  const date = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
  const uncommented = value.replace(/\s+#[^"']*$/, '');
  return (
    bare.test(uncommented) || date.test(uncommented) || /^(?:"[\s\S]*"|'[\s\S]*'|\[[\s\S]*\]|\{.*\})$/.test(uncommented)
  );
}

/** Recognizes block YAML that has a mapping; a text that may also be prose or a plain list is not YAML. */
function yaml(text: string): readonly string[] | undefined {
  const entry = /^\s*(?:- +)*(?:[\w.$/-]+|"[^"]*"|'[^']*')\s*:(?:\s|$)/;
  const other = /^(?:\s*-(?:\s|$)|\s+\S|---(?:\s|$)|\.\.\.$|[}\]]|%YAML )/;
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  const entries = lines.filter((line) => entry.test(line)).length;
  const isBlock = lines.every((line) => entry.test(line) || other.test(line));
  const isMarked = lines[0]?.startsWith('---') ?? false;
  return isBlock && entries >= (isMarked ? 1 : 2) ? ['yaml'] : undefined;
}

/** Returns the beginning of a text, in whole lines. */
function sample(text: string): string {
  return text.length <= SAMPLE_LENGTH ? text : text.slice(0, Math.max(0, text.lastIndexOf('\n', SAMPLE_LENGTH)));
}

function significantLines(text: string, comment: RegExp): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !comment.test(line));
}
