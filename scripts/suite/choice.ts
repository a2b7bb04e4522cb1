import { parseArgs } from 'node:util';

/** What one run of the suite should do. */
export interface Choice {
  /** The chosen parts, in the suite's order. */
  readonly parts: readonly string[];
  /** Only tests with this text in their titles are run. */
  readonly grep?: string;
  /** Number of runs of each test file. */
  readonly repeat: number;
}

/**
 * Reads the command's arguments: names of parts (all without one), `--grep TEXT` and `--repeat N`.
 * @throws Error that says in one sentence which argument is wrong and what is possible
 */
export function choiceFrom(args: readonly string[], parts: readonly string[]): Choice {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: { grep: { type: 'string' }, repeat: { type: 'string' } },
  });
  const wanted = new Set<string>();
  let grep: string | undefined;
  let repeat = 1;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (!parts.includes(token.value))
        throw new Error(`The suite has no part "${token.value}": its parts are ${parts.join(', ')}.`);
      wanted.add(token.value);
    } else if (token.kind === 'option') {
      if (token.name === 'grep') grep = textOf(token.value);
      else if (token.name === 'repeat') repeat = countOf(token.value);
      else throw new Error(`There is no option ${token.rawName}: the options are --grep TEXT and --repeat N.`);
    }
  }
  return {
    parts: parts.filter((part) => wanted.size === 0 || wanted.has(part)),
    ...(grep !== undefined && { grep }),
    repeat,
  };
}

function textOf(value: string | undefined): string {
  if (!value) throw new Error('--grep needs a text, which is a part of the titles of the tests to run.');
  return value;
}

function countOf(value: string | undefined): number {
  if (value === undefined || !/^[1-9]\d{0,3}$/.test(value))
    throw new Error('--repeat needs a number from 1 to 9999, which says how often to run the tests.');
  return Number(value);
}
