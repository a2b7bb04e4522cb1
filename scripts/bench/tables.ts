export type Row = readonly string[];

/** A table as Markdown has it. */
export function table(header: Row, rows: readonly Row[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** How many times longer the other one took; empty where it was not measured. */
export function ratio(other: number | undefined, own: number): string {
  return other === undefined ? '' : short(other / own);
}

/** Two digits, or whole from 10 on. */
export function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
