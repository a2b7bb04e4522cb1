import { limitedWork } from '../../etcd/limitedWork.ts';
import { globPattern } from '../../etcd/search/globPattern.ts';

/** Limit of a pattern in characters; longer ones match no key. */
const MAX_PATTERN_CHARACTERS = 1000;
/** Milliseconds for all patterns together. */
const TIME_LIMIT = 100;

/**
 * Returns the language of the last pattern that matches a key. A pattern with a slash is matched against the whole key,
 * one without against its last segment.
 * @param patterns glob → language id, as in the setting
 * @returns undefined also if the patterns take too long
 */
export function patternLanguage(key: string, patterns: Readonly<Record<string, unknown>>): string | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const language = limitedWork({ milliseconds: TIME_LIMIT }, () => {
    const fitting = Object.entries(patterns).findLast(([pattern]) => fits(pattern.includes('/') ? key : name, pattern));
    return fitting?.[1];
  });
  return typeof language === 'string' && language !== '' ? language : undefined;
}

function fits(text: string, pattern: string): boolean {
  if (pattern.length > MAX_PATTERN_CHARACTERS) return false;
  return new RegExp(`^${globPattern(pattern, ['/']).source}$`, 'su').test(text);
}
