import { EnvFileWriter, readEnvFile } from './envFile.ts';
import type { KeyFileReader, KeyFileWriter } from './fileEntry.ts';
import { JsonFileWriter, readJsonFile } from './jsonFile.ts';
import { readYamlFile, YamlFileWriter } from './yamlFile.ts';

export type TextFormat = 'json' | 'yaml' | 'env';

/** Formats for keys in one text file. */
export const TEXT_FORMATS: Readonly<Record<TextFormat, { writer(): KeyFileWriter; readonly read: KeyFileReader }>> = {
  json: { writer: () => new JsonFileWriter(), read: readJsonFile },
  yaml: { writer: () => new YamlFileWriter(), read: readYamlFile },
  env: { writer: () => new EnvFileWriter(), read: readEnvFile },
};

/** Guesses the format from a file's name, including `.env` names. */
export function formatOf(fileName: string): TextFormat | undefined {
  if (/\.json$/i.test(fileName)) return 'json';
  if (/\.ya?ml$/i.test(fileName)) return 'yaml';
  return /(?:^|\.)env(?:\.|$)/i.test(fileName) ? 'env' : undefined;
}
