const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;

function isDigit(character: string | undefined): boolean {
  return character !== undefined && DIGIT.test(character);
}

interface Run {
  readonly number: bigint;
  readonly end: number;
}

/** Reads a number whose first digits are `first`, and whose other digits begin at an index. */
function runOf(characters: readonly string[], from: number, first: bigint): Run {
  let number = first;
  let end = from;
  for (; isDigit(characters[end]); end++) number = number * 10n + BigInt((characters[end]?.codePointAt(0) ?? 48) - 48);
  return { number, end };
}

/** Whether a digit other than 0 directly precedes a place. */
function followsNumber(characters: readonly string[], place: number): boolean {
  for (let at = place - 1; at >= 0 && isDigit(characters[at]); at--) if (characters[at] !== '0') return true;
  return false;
}

function compareAt(a: readonly string[], b: readonly string[], at: number, afterDigits: boolean): number {
  const [x = '', y = ''] = [a[at], b[at]];
  const difference = (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
  const [xIsLetter, yIsLetter] = [LETTER.test(x), LETTER.test(y)];
  if (xIsLetter && yIsLetter) return difference;
  if (xIsLetter || yIsLetter) return (afterDigits ? xIsLetter : yIsLetter) ? -1 : 1;
  const first = (x === '0' || y === '0') && followsNumber(a, at) ? 1n : 0n;
  const [left, right] = [runOf(a, at, first), runOf(b, at, first)];
  if (left.number !== right.number) return left.number < right.number ? -1 : 1;
  return left.end - right.end || difference;
}

/**
 * Compares keys in go-yaml's order: numbers within them are compared as numbers, and letters come after everything
 * else.
 */
export function goYamlOrder(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  let afterDigits = false;
  for (let at = 0; at < a.length && at < b.length; at++) {
    if (a[at] !== b[at]) return compareAt(a, b, at, afterDigits);
    afterDigits = isDigit(a[at]);
  }
  return a.length - b.length;
}
