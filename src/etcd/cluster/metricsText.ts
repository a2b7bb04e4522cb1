/** A value of a metric, with the labels that distinguish it from its other values. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by the name of their metric. */
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

/** Characters of a line beyond which it is ignored; etcd's are shorter than 300. */
const MAX_LINE_LENGTH = 4096;
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/**
 * Reads metrics in Prometheus' text format 0.0.4, which etcd serves at `/metrics`. Lines that are not samples are
 * ignored.
 * @param isWanted which metrics to read, by name
 */
export function parseMetrics(text: string, isWanted: (name: string) => boolean): Metrics {
  const metrics = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.length > MAX_LINE_LENGTH) continue;
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined || !isWanted(name)) continue;
    const samples = metrics.get(name) ?? [];
    samples.push({ labels: labelsOf(labels), value: numberOf(value) });
    metrics.set(name, samples);
  }
  return metrics;
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)] as const);
  return Object.fromEntries(pairs);
}

function unescaped(text: string): string {
  return text.replaceAll(/\\[\\"n]/g, (escape) => ESCAPES[escape] ?? escape);
}

/** Reads a number, because JavaScript does not know Prometheus' names for infinity. */
function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
