/** The look of a key or folder of a known layout, and the meaning of its value. */
export interface Look {
  /** Name of the software that writes the key. */
  readonly product: string;
  /** What the key or folder is, in a few words, for its row. */
  readonly what: string;
  /** One of VS Code's own icons. */
  readonly icon: string;
  /** Page of the software's documentation about its keys. */
  readonly docs: string;
  /** Describes a value in one line; undefined if it means nothing here. Never shows a secret. */
  readonly summary?: (value: string) => string | undefined;
}

/** The keys of one software in etcd. */
export interface Layout {
  readonly product: string;
  readonly docs: string;
  /** Prefix of all its keys, if they have one. */
  readonly prefix?: string;
  /** The first rule that matches decides. Patterns take linear time, because anyone may name a key. */
  readonly rules: readonly LayoutRule[];
}

export interface LayoutRule {
  /** Matches the whole key, or the whole path of a folder with the separator at its end. */
  readonly pattern: RegExp;
  readonly icon: string;
  /** @param groups named groups of the pattern */
  readonly what: (groups: Readonly<Record<string, string>>) => string;
  readonly summary?: (value: string, groups: Readonly<Record<string, string>>) => string | undefined;
}

/** Returns the look that a layout gives to a path. */
export function lookIn({ product, docs, prefix = '', rules }: Layout, path: string): Look | undefined {
  if (!path.startsWith(prefix)) return undefined;
  for (const { pattern, icon, what, summary } of rules) {
    const match = pattern.exec(path);
    if (!match) continue;
    const groups = match.groups ?? {};
    return { product, docs, icon, what: what(groups), ...(summary && { summary: (value) => summary(value, groups) }) };
  }
  return undefined;
}
