import { Random } from '../demo/random.ts';

/** A keyspace that nobody has tuned anything to. */
export interface UnseenKeyspace {
  /** In key order, all below `folder`. */
  readonly keys: readonly string[];
  readonly folder: string;
  readonly separator: string;
  /** What was chosen, for the report. */
  readonly what: string;
}

type NameFamily = (random: Random, at: number) => string;

const WORDS = ['auth', 'billing', 'cache', 'edge', 'feed', 'jobs', 'mail', 'search', 'store', 'users'] as const;
const FAMILIES: Readonly<Record<string, NameFamily>> = {
  'padded numbers': (_, at) => `item-${String(at).padStart(7, '0')}`,
  numbers: (_, at) => String(at),
  words: (random, at) => `${random.pick(WORDS)}-${random.pick(WORDS)}-${at}`,
  UUIDs: (random) => random.uuid(),
  // The first digits are a time, so neighbors share them.
  'UUIDs in order of time': (random, at) =>
    `0190a${(at * 37).toString(16).padStart(7, '0')}-7${random.uuid().slice(15)}`,
  hashes: (random) => random.hex(40),
  dates: (random, at) => new Date(1.7e12 + at * 61_000 + random.below(1000)).toISOString().replaceAll(/[:.]/g, ''),
  'long names': (random, at) => `${'a-common-beginning-'.repeat(8)}${random.hex(6)}-${at}`,
  'any bytes': (random, at) => `${Buffer.from(random.bytes(4)).toString('base64url')}é${at}`,
};
const SEPARATORS = ['/', '/', ':', '.', '::', '|'] as const;
/** How the keys of a folder are shared among its children: weights of the children, by their place. */
const SKEWS: Readonly<Record<string, (place: number) => number>> = {
  'equal shares': () => 1,
  'shares by rank': (place) => 1 / (place + 1),
  'one giant': (place) => (place === 0 ? 1000 : 1),
};
const MAX_DEPTH = 4;
const FAN_OUTS = [3, 20, 150, 1000, 8000] as const;

/** Generates a keyspace of about `size` keys, the same for the same seed, below `root`. */
export function unseenKeyspace(seed: number, size: number, root: string): UnseenKeyspace {
  const random = new Random(`unseen ${seed}`);
  const separator = random.pick(SEPARATORS);
  const levels = Array.from({ length: random.between(0, MAX_DEPTH) }, () => ({
    family: pickName(random, FAMILIES),
    fanOut: random.pick(FAN_OUTS),
    skew: pickName(random, SKEWS),
  }));
  const leaf = pickName(random, FAMILIES);
  const keys = new Set<string>();
  const nameOf = (family: string, at: number) => {
    const name = FAMILIES[family]?.(random, at) ?? String(at);
    return name.replaceAll(separator, '_');
  };
  const grow = (prefix: string, depth: number, share: number) => {
    const level = levels[depth];
    if (!level || share < 2) {
      for (let at = 0; at < share; at++) keys.add(prefix + nameOf(leaf, at));
      return;
    }
    const children = Math.min(level.fanOut, share);
    const weights = Array.from({ length: children }, (_, place) => SKEWS[level.skew]?.(place) ?? 1);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [at, weight] of weights.entries())
      grow(prefix + nameOf(level.family, at) + separator, depth + 1, Math.max(1, Math.round((share * weight) / whole)));
  };
  const folder = `${root}${seed}${separator}`;
  grow(folder, 0, size);
  const inLevels = levels.map(({ family, fanOut, skew }) => `${fanOut} × ${family}, ${skew}`);
  return {
    keys: [...keys].toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
    folder,
    separator,
    what: [`separator ${separator}`, ...inLevels, `keys: ${leaf}`].join('; '),
  };
}

function pickName(random: Random, from: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(from);
  return names[random.below(names.length)] ?? '';
}
