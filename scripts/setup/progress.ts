/** Told in one short sentence what takes time right now. */
export type Progress = (message: string) => void;

export const progressToStderr: Progress = (message) => {
  process.stderr.write(`${message}\n`);
};

/** An error's own sentence; its cause's where it has one, since `fetch` tells nothing but "fetch failed" itself. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : messageOf(error.cause);
}
