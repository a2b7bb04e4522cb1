import * as l10n from '@vscode/l10n';
import {
  constructFromEvents,
  CORE_SCHEMA,
  defineScalarTag,
  dump,
  DUMP_SCHEMA,
  EVENT_ID,
  intCoreTag,
  NOT_RESOLVED,
  parseEvents,
  SCALAR_STYLE_PLAIN,
  YAMLException,
  type Event,
} from 'js-yaml';
import { checkSize, MAX_DEPTH, wholeNumber, type Json } from './json.ts';
import { goYamlOrder } from './goYamlOrder.ts';
import { InvalidObject, UnreadableValue } from './problems.ts';
import { kubectlStyle } from './yamlStyle.ts';

/** Keeps 64-bit whole numbers exact in both directions. */
const wholeNumbers = defineScalarTag<number | bigint>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  resolve(source, ...rest) {
    const number = intCoreTag.resolve(source, ...rest);
    const isExact = number === NOT_RESOLVED || Number.isSafeInteger(number);
    return !isExact && /^[-+]?\d+$/.test(source) ? wholeNumber(source.replace('+', '')) : number;
  },
  identify: (value: unknown) => typeof value === 'bigint' || intCoreTag.identify(value),
  represent: String,
});
const WRITTEN = DUMP_SCHEMA.withTags(wholeNumbers);
const READ = CORE_SCHEMA.withTags(wholeNumbers);

/** Limit of nested collections: slightly above that of `json.ts`, whose sentence should be the one that users read. */
const MAX_YAML_DEPTH = MAX_DEPTH + 10;

/** Writes YAML as `kubectl get -o yaml` prints it, except for long texts, which kubectl folds. */
export function toYaml(json: Json): string {
  return dump(json, {
    schema: WRITTEN,
    seqNoIndent: true,
    lineWidth: -1,
    noRefs: true,
    sortKeys: goYamlOrder,
    scalarStyleRules: [kubectlStyle],
  });
}

/**
 * Refuses numbers such as `0644`, which kubectl reads in base 8 and YAML 1.2 does not: the user must say what is meant.
 */
function refuseLeadingZeros(text: string, events: readonly Event[]): void {
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE_PLAIN) continue;
    const source = text.slice(event.valueStart, event.valueEnd);
    if (!/^[-+]?0\d+$/.test(source)) continue;
    const sentence = l10n.t('{0} can be read as decimal or as octal: write it without leading zeros.', source);
    throw new InvalidObject(sentence, undefined, event.valueStart);
  }
}

/**
 * Reads a YAML text.
 * @throws InvalidObject if it is not YAML, has more than one document, or has aliases, whose content can grow without
 * limit
 */
export function fromYaml(text: string): Json {
  try {
    const events = parseEvents(text, { maxDepth: MAX_YAML_DEPTH });
    refuseLeadingZeros(text, events);
    const documents = constructFromEvents(events, { source: text, schema: READ, maxAliases: 0 });
    if (documents.length !== 1) throw new InvalidObject(l10n.t('There must be exactly one document.'), undefined, 0);
    const [json] = documents;
    checkSize(json);
    return json;
  } catch (error) {
    if (error instanceof UnreadableValue) throw new InvalidObject(error.message, undefined);
    if (error instanceof YAMLException) throw new InvalidObject(`${error.reason}.`, undefined, error.mark?.position);
    if (error instanceof RangeError) throw new InvalidObject(error.message, undefined);
    throw error;
  }
}
