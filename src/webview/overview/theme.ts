/** Colors of lines in turn, as variables of VS Code's themes. */
const COLORS = ['blue', 'yellow', 'green', 'purple', 'foreground'];
/** Patterns of lines in turn, so that lines differ in more than their colors. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [8, 3, 2, 3], [12, 3], [4, 4]];

interface Theme {
  readonly foreground: string;
  readonly grid: string;
  readonly limit: string;
  readonly background: string;
  readonly font: string;
}

export function colorOf(index: number): string {
  return variable(`--vscode-charts-${COLORS[index % COLORS.length] ?? ''}`) || theme().foreground;
}

/** Returns the pattern of a line. When a color is used again, its pattern is another one. */
export function dashOf(index: number): readonly number[] {
  return DASHES[(index + Math.floor(index / DASHES.length)) % DASHES.length] ?? [];
}

/** Returns the present theme's colors of everything except lines. */
export function theme(): Theme {
  const foreground = variable('--vscode-foreground') || 'gray';
  return {
    foreground,
    grid: variable('--vscode-charts-lines') || foreground,
    limit: variable('--vscode-charts-red') || foreground,
    background: variable('--vscode-editor-background') || 'white',
    font: `11px ${variable('--vscode-font-family') || 'sans-serif'}`,
  };
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
