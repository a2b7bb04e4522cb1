import { minutesAgo, type DemoEntry } from './entry.ts';
import { Random } from './random.ts';

interface Flag {
  readonly description: string;
  readonly enabled: boolean;
  readonly owner: string;
  readonly changed: string;
  readonly rollout: { readonly percentage: number; readonly countries: readonly string[] };
}

const flags: Readonly<Record<string, readonly string[]>> = {
  account: ['passkeys', 'delete-my-data', 'family-sharing', 'two-factor-by-default', 'profile-pictures'],
  checkout: ['express-pay', 'gift-cards', 'guest-checkout', 'invoice', 'one-click', 'split-payment', 'tax-preview'],
  delivery: ['click-and-collect', 'drone-trial', 'evening-slots', 'live-tracking', 'parcel-lockers'],
  mobile: ['barcode-scanner', 'biometric-login', 'dark-mode', 'offline-cart', 'push-offers', 'widget'],
  platform: ['http3', 'new-cache', 'read-replicas', 'strict-rate-limit', 'trace-sampling', 'zstd'],
  search: ['autocomplete', 'image-search', 'semantic-ranking', 'spelling', 'synonyms', 'voice'],
};

function toYaml(flag: Flag): string {
  return `# Changed by the release tool
description: ${JSON.stringify(flag.description)}
enabled: ${flag.enabled}
owner: ${flag.owner}
changed: ${flag.changed}
rollout:
  percentage: ${flag.rollout.percentage}
  countries:
${flag.rollout.countries.map((country) => `    - ${country}\n`).join('')}`;
}

function toToml(flag: Flag): string {
  return `# Changed by the release tool
description = ${JSON.stringify(flag.description)}
enabled = ${flag.enabled}
owner = "${flag.owner}"
changed = ${flag.changed}

[rollout]
percentage = ${flag.rollout.percentage}
countries = ${JSON.stringify(flag.rollout.countries)}
`;
}

const formats = [
  { extension: '.json', write: (flag: Flag) => `${JSON.stringify(flag, undefined, 2)}\n` },
  { extension: '.yaml', write: toYaml },
  { extension: '.toml', write: toToml },
] as const;

/** Yields feature flags by team, in JSON, YAML and TOML in turn; every second one has no file extension in its key. */
export function* featureKeyspace(): Iterable<DemoEntry> {
  const random = new Random('features');
  let count = 0;
  for (const [team, names] of Object.entries(flags)) {
    for (const name of names) {
      const flag: Flag = {
        description: `Turns on "${name.replaceAll('-', ' ')}" in ${team}`,
        enabled: random.below(3) > 0,
        owner: `team-${team}`,
        changed: minutesAgo(random.between(60, 300_000)),
        rollout: {
          percentage: random.pick([0, 1, 5, 10, 25, 50, 100]),
          countries: ['AT', 'CH', 'DE', 'FR', 'GR', 'IN', 'JP', 'US'].filter(() => random.below(2) === 0),
        },
      };
      const { extension, write } = formats[count % formats.length] ?? formats[0];
      yield { key: `/features/${team}/${name}${count % 2 === 0 ? extension : ''}`, value: write(flag) };
      count++;
    }
  }
  yield { key: '/features/kill-switch', value: 'off' };
  yield { key: '/features/experiments/enabled', value: 'true' };
}
