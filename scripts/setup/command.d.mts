export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment; this process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Text for the command's standard input, which is closed after it. */
  readonly input?: string;
  readonly shell?: boolean;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Finds the first executable of that name in a folder of PATH. */
export function findOnPath(name: string): string | undefined;

/** Runs a command to its end, whatever its exit code; rejects only if it cannot be started. */
export function attempt(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;

/** Runs a command and resolves to its standard output; rejects with its last lines if it fails. */
export function run(command: string, args: readonly string[], options?: CommandOptions): Promise<string>;

/** Runs npm: the one that runs this process (with `node`, by default this process's own), or else the one on PATH. */
export function npm(args: readonly string[], options?: CommandOptions & { readonly node?: string }): Promise<string>;
