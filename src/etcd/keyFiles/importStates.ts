/**
 * How a key of a file compares with the store: new there; with another value; with the same value; with another value
 * written after the file's; or impossible to store.
 */
export const IMPORT_STATES = ['added', 'changed', 'unchanged', 'conflicting', 'impossible'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** Whether the user may choose the keys of a state to be written. */
export function isChoosable(state: ImportState): boolean {
  return state === 'added' || state === 'changed' || state === 'conflicting';
}
