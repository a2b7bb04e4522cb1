import manifest from '../../package.json' with { type: 'json' };

/** The id by which VS Code knows the extension. */
export const EXTENSION_ID = `${manifest.publisher}.${manifest.name}`;
