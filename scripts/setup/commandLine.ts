import { parseArgs, type ParseArgsConfig } from 'node:util';
import { unknownFields } from '../../src/etcd/unknownFields.ts';

/** A command line that a script does not understand; the message is one sentence for whoever typed it. */
export class UsageError extends Error {}

/** Parses options with `parseArgs`. @throws UsageError */
export function parsedArgs<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = unknownFields(error);
    if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    const known = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    throw new UsageError(`${String(message)}. The options are ${known.join(', ')}.`);
  }
}

/** Parses this process's options; if that fails, ends the process with one sentence. */
export function commandLine<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parsedArgs(config);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
