import type { TextChange, TextPosition } from './lines.ts';

/** Whether a change begins, ends or passes at a place. */
export function touches({ start, end }: TextChange, place: TextPosition): boolean {
  return compare(start, place) <= 0 && compare(place, end) <= 0;
}

/**
 * Returns the positions after an edit: behind the text inserted at them, and at the end of the text that replaces them.
 * @param changes in VS Code's order, so that each can be applied after the one before
 */
export function movedPlaces(places: readonly TextPosition[], changes: readonly TextChange[]): TextPosition[] {
  return places.map((place) => changes.reduce(moved, place));
}

function moved(place: TextPosition, { start, end, text }: TextChange): TextPosition {
  if (compare(place, start) < 0) return place;
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  const line = start.line + lines.length - 1;
  const character = lines.length === 1 ? start.character + last.length : last.length;
  if (compare(place, end) <= 0) return { line, character };
  if (place.line > end.line) return { line: place.line + line - end.line, character: place.character };
  return { line, character: character + place.character - end.character };
}

function compare(one: TextPosition, other: TextPosition): number {
  return one.line - other.line || one.character - other.character;
}
