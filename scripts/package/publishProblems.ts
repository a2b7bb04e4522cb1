const PLACEHOLDER = 'OWNER/REPOSITORY';

/**
 * Returns sentences about what keeps the extension from being published.
 * @param manifest the text of package.json
 * @param changelog the text of CHANGELOG.md
 */
export function publishProblems(manifest: string, changelog: string): string[] {
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return [
    ...(manifest.includes(PLACEHOLDER)
      ? [`package.json still has the placeholder ${PLACEHOLDER}: set "repository", "bugs" and "homepage".`]
      : []),
    ...(new RegExp(`^## \\[?${version.replaceAll('.', '\\.')}\\]? - \\d{4}-\\d{2}-\\d{2}$`, 'm').test(changelog)
      ? []
      : [`CHANGELOG.md has no dated heading for version ${version}, such as "## ${version} - 2026-12-01".`]),
  ];
}
