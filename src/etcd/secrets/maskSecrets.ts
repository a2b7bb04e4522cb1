import { limitedWork } from '../limitedWork.ts';
import { unknownFields } from '../unknownFields.ts';
import { isSecretName } from './secretNames.ts';

// See docs/contributing/decisions/language-models.md

/** Stands in place of a secret. */
export const MASK = '[masked]';
/** Milliseconds for one value. */
const TIME_LIMIT = 100;

/** Texts that are secrets by their shape, whatever their name. */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z\d ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g,
  // JSON Web Tokens
  /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g,
  // Passwords in addresses
  /(?<=\w:\/\/)[^\s/@:"']*:[^\s@"']+(?=@)/g,
  /\b(?:AKIA|ASIA)[A-Z\d]{16}\b/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-|hvs\.|npm_|dop_v1_|AIza|ya29\.)[\w-]{12,}/g,
  // Hashes of passwords
  /\$(?:2[abxy]|1|5|6|7|y|argon2\w{0,2}|scrypt)\$[^\s"']{8,}/g,
  /(?<=\b(?:bearer|basic)\s)[\w+/=.~-]{8,}/gi,
  // Long random texts in hex or base64; not the digests of container images
  /(?<![\w+/])(?<!\bsha\d{1,3}[:-])(?=[a-z]*\d)[\da-f]{32,}(?![\w+/])/gi,
  /(?<![\w+/])(?=[^\s"',;]{0,100}\d)(?=[^\s"',;]{0,100}[A-Z])(?=[^\s"',;]{0,100}[a-z])[A-Za-z\d+/_-]{40,}={0,2}/g,
];

/** A name and what separates it from its value; the name may be quoted, and may follow other text in its line. */
const NAMED = /(?<=^|[\s,;{[(?&<"'-])(["']?)([\w.$/-]{1,200})\1(?:\s*(?:=>|:=|[:=>])\s*|\s+)(?=\S)/g;

/** A text in which secrets may be masked. */
export interface MaskedText {
  readonly text: string;
  readonly masked: boolean;
}

/**
 * Masks what looks like a secret: values whose name says so, and texts of a known shape. Returns `MASK` alone if the
 * key's own name says so, if the text is a Kubernetes secret, or if it takes too long.
 * @param keyText the key's text
 */
export function maskSecrets(keyText: string, text: string): MaskedText {
  if (text === '') return { text, masked: false };
  if (isSecretName(keyText)) return { text: MASK, masked: true };
  const shown = limitedWork({ milliseconds: TIME_LIMIT }, () => mask(text)) ?? MASK;
  return { text: shown, masked: shown !== text };
}

function mask(text: string): string {
  if (/^\s*["']?kind["']?\s*:\s*["']?Secret\b/m.test(text) || /"kind"\s*:\s*"Secret"/.test(text)) return MASK;
  return maskShapes(maskJson(text) ?? maskLines(text));
}

function maskShapes(text: string): string {
  let shown = text;
  for (const shape of SHAPES) shown = shown.replaceAll(shape, MASK);
  return shown;
}

/** Masks by names in JSON; undefined if the text is none. The text is unchanged if it has no such name. */
function maskJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let found = false;
  try {
    const shown: unknown = JSON.parse(text, (name, value: unknown) => {
      if (value === null || value === '' || !(isSecretName(name) || isNamedSecret(value))) return value;
      found = true;
      return isNamedSecret(value) ? { ...unknownFields(value), value: MASK } : MASK;
    });
    return found ? JSON.stringify(shown, undefined, 2) : text;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether an object has a secret as its `value`, and the name for it beside it, as in an environment of Kubernetes. */
function isNamedSecret(value: unknown): boolean {
  const fields = unknownFields(value);
  const name = fields['name'] ?? fields['key'];
  return typeof name === 'string' && fields['value'] !== undefined && isSecretName(name);
}

/** Masks what follows a secret's name up to the end of its line, and the lines that belong to it by their indentation. */
function maskLines(text: string): string {
  const shown: string[] = [];
  let hiddenBelow: number | undefined;
  let hidesNext = false;
  for (const line of text.split('\n')) {
    const indentation = line.search(/\S/);
    const isHidden = hiddenBelow !== undefined && (indentation < 0 || indentation > hiddenBelow);
    if (isHidden) {
      shown.push(indentation < 0 ? line : `${line.slice(0, indentation)}${MASK}`);
      continue;
    }
    hiddenBelow = undefined;
    const start = secretStart(line);
    if (start !== undefined) hiddenBelow = indentation;
    // In a list of names and values, the value is in the next line.
    if (hidesNext && start === undefined) shown.push(line.replace(/^(\s*["']?value["']?\s*[:=]).*/, `$1 ${MASK}`));
    else shown.push(start === undefined ? line : `${line.slice(0, start)}${MASK}`);
    hidesNext = /^[\s-]*["']?(?:name|key)["']?\s*[:=]\s*(.*)/.exec(line)?.slice(1).some(isSecretName) ?? false;
  }
  return shown.join('\n');
}

/** Returns where the value after a secret's name begins; undefined if the line names no secret. */
function secretStart(line: string): number | undefined {
  const opened = /^[\s-]*(?:export\s+)?["']?([\w.$/-]{1,200})["']?\s*[:=]\s*$/.exec(line);
  if (opened?.[1] !== undefined && isSecretName(opened[1])) return line.length;
  for (const match of line.matchAll(NAMED)) {
    const [whole, , name = ''] = match;
    if (isSecretName(name)) return match.index + whole.length;
  }
  return undefined;
}
