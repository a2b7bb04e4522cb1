import { posix } from 'node:path';

/**
 * The language of the last pattern that fits a key. A pattern with a slash is for the whole key, one without for its last
 * segment.
 * @param patterns glob → language id, as the setting has them
 */
export function patternLanguage(key: string, patterns: Readonly<Record<string, unknown>>): string | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const fitting = Object.entries(patterns).filter(([pattern]) =>
    posix.matchesGlob(pattern.includes('/') ? key : name, pattern),
  );
  const language = fitting.at(-1)?.[1];
  return typeof language === 'string' && language !== '' ? language : undefined;
}
