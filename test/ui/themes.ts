/**
 * A dark, a light and a high contrast theme, by their ids in the newest VS Code. It would write a new id for an older
 * one into the settings, at any moment of a test.
 */
export const THEMES = ['Dark Modern', 'Light Modern', 'Default High Contrast'] as const;
