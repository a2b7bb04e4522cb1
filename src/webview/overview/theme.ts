/** Colors of lines in turn, as variables of VS Code's themes. */
const COLORS = ['blue', 'yellow', 'green', 'purple', 'foreground'];
/** Patterns of lines in turn, so that no line is told apart by its color alone. */
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

/** The pattern of a line; the same color has another one the next time. */
export function dashOf(index: number): readonly number[] {
  return DASHES[(index + Math.floor(index / DASHES.length)) % DASHES.length] ?? [];
}

/** The present theme's colors of what is not a line. */
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
