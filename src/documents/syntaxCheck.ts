import { XMLValidator } from 'fast-xml-parser';
import { loadAll } from 'js-yaml';
import { parse as parseToml } from 'smol-toml';

/** Throws where the text is not valid. */
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
 * What is wrong with a text as JSON, YAML, TOML or XML, in the words of its parser; undefined where nothing is, or where the
 * language is another one.
 */
export function syntaxProblem(languageId: string, text: string): string | undefined {
  const parse = PARSERS[languageId];
  // A byte order mark belongs to the file and not to what it says.
  const content = text.replace(/^\ufeff/, '');
  if (!parse || content.trim() === '') return undefined;
  try {
    parse(content);
    return undefined;
  } catch (error) {
    // Parsers show the place in lines of their own below the first.
    return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  }
}
