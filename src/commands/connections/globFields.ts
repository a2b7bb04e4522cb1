import { isDeepStrictEqual } from 'node:util';
import { l10n } from 'vscode';
import type { ConnectionSettings } from '../../connections/settings/connectionProfile.ts';
import { hierarchyOf } from '../../connections/settings/hierarchySettings.ts';
import { KeyGlobs } from '../../etcd/search/keyGlobs.ts';
import { choiceStep, textStep, type Step } from '../../ui/inputSteps.ts';
import { problemOf } from './connectionForm.ts';

type ReadOnly = ConnectionSettings['readOnly'];

/** Describes which keys are read-only. */
export function readOnlyText(readOnly: ReadOnly): string {
  if (Array.isArray(readOnly)) return l10n.t('only {0}', globsText(readOnly));
  return readOnly === true ? l10n.t('yes') : l10n.t('no');
}

/** Returns the questions for `readOnly`: everything, nothing, or which keys. */
export function readOnlySteps(settings: ConnectionSettings, keep: (readOnly: ReadOnly) => void): () => Step[] {
  const globs = Array.isArray(settings.readOnly) ? settings.readOnly : [];
  let isSome = false;
  const choose = choiceStep({
    placeholder: l10n.t('Refuse changes over this connection?'),
    choices: [
      { value: 'all', label: l10n.t('yes'), description: l10n.t('every change') },
      { value: 'none', label: l10n.t('no') },
      { value: 'some', label: l10n.t('some keys…'), description: l10n.t('keys and folders that globs match') },
    ],
    answer: (value) => {
      isSome = value === 'some';
      if (!isSome) keep(value === 'all' ? true : undefined);
    },
  });
  const name = globsStep('readOnly', settings, {
    globs,
    prompt: l10n.t('Globs of the keys that nothing may change, separated by commas, such as /registry/**'),
    keep: (typed) => keep(typed.length === 0 ? undefined : typed),
  });
  return () => [choose, ...(isSome ? [name] : [])];
}

/** Describes which keys the tree does not show. */
export function hiddenText(hidden: ConnectionSettings['hidden']): string {
  return hidden === undefined || hidden.length === 0 ? l10n.t('nothing') : globsText(hidden);
}

/** Returns the question for `hidden`. */
export function hiddenStep(settings: ConnectionSettings, keep: (hidden: readonly string[] | undefined) => void): Step {
  return globsStep('hidden', settings, {
    globs: settings.hidden ?? [],
    prompt: l10n.t(
      'Globs of the keys and folders that the tree does not show, separated by commas. Leave it empty to show everything.',
    ),
    keep: (typed) => keep(typed.length === 0 ? undefined : typed),
  });
}

interface GlobsQuestion {
  readonly globs: readonly string[];
  readonly prompt: string;
  readonly keep: (globs: readonly string[]) => void;
}

function globsStep(property: string, settings: ConnectionSettings, { globs, prompt, keep }: GlobsQuestion): Step {
  return textStep({
    prompt,
    value: globsText(globs),
    validate: (text) => problemOf(() => new KeyGlobs(property, globsIn(text), hierarchyOf(settings), true)),
    answer: (text) => keep(globsIn(text)),
  });
}

/** Returns globs as a text; a comma outside of braces is escaped, because commas separate them. */
function globsText(globs: readonly string[]): string {
  return globs
    .map((glob) => (isDeepStrictEqual(globsIn(glob), [glob]) ? glob : glob.replaceAll(',', '\\,')))
    .join(', ');
}

/** Splits a text at the commas that are neither in braces nor escaped. */
function globsIn(text: string): string[] {
  const parts = text.match(/(?:\\.|\{[^{}]*\}|[^,\\]|\\)+/gsu) ?? [];
  return parts.flatMap((part) => part.trim() || []);
}
