import { XMLValidator } from 'fast-xml-parser';
import { loadAll } from 'js-yaml';
import { parse as parseToml } from 'smol-toml';
import { limitedWork } from '../../etcd/limitedWork.ts';

/** Milliseconds for parsing a text. */
const TIME_LIMIT = 1000;

/** Throws if the text is not valid. */
type Parse = (text: string) => void;

const PARSERS: Readonly<Record<string, Parse>> = {
  json: (text) => void JSON.parse(text),
  yaml: (text) => void loadAll(text),
  toml: (text) => void parseToml(text),
  xml: (text) => {
    const result = XMLValidator.validate(text);
    if (result !== true) throw new Error(result.err.msg);
  },
};

/**
 * Returns the parser's message about a text that is not valid JSON, YAML, TOML or XML; undefined if it is valid, if the
 * language is another one, or if checking would take too long.
 */
export function syntaxProblem(languageId: string, text: string): string | undefined {
  const parse = PARSERS[languageId];
  // A byte order mark belongs to the file, not to its content.
  const content = text.replace(/^\ufeff/, '');
  if (!parse || content.trim() === '') return undefined;
  try {
    limitedWork({ milliseconds: TIME_LIMIT }, () => parse(content));
    return undefined;
  } catch (error) {
    // Parsers show the position in further lines.
    return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  }
}
