/** Called with one short sentence about what takes time right now. */
export type Progress = (message: string) => void;

export const progressToStderr: Progress = (message) => {
  process.stderr.write(`${message}\n`);
};

/** Returns an error's own sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
