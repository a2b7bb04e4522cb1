export type Row = readonly string[];

/** Formats a table in Markdown. */
export function table(header: Row, rows: readonly Row[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Returns how many times as long the other one took; empty if it was not measured. */
export function ratio(other: number | undefined, own: number): string {
  return other === undefined ? '' : short(other / own);
}

/** Formats a number with two digits, or as a whole number from 10 on. */
export function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
