import { parseArgs, type ParseArgsConfig } from 'node:util';
import { unknownFields } from '../../src/etcd/unknownFields.ts';

/** Parses this process's options with `parseArgs`; if that fails, ends the process with one sentence. */
export function commandLine<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = unknownFields(error);
    if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    const known = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    console.error(`${String(message)}. The options are ${known.join(', ')}.`);
    process.exit(2);
  }
}
