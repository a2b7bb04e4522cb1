// See docs/contributing/decisions/key-files.md

/**
 * Names of files that tools look for in a folder, and obey or run. Windows also reaches a hidden file by a short name
 * (`GIT~1`).
 */
const LIVE = [
  // Hidden files: repositories, and configurations of editors, shells and package managers.
  /^\./,
  /~\d/,
  // A folder without `HEAD` is not a bare repository.
  /^head$/,
  // Loaded or run by editors and language servers as soon as a folder is open.
  /^(?:node_modules|site-packages|__pycache__|package\.json|composer\.json|deno\.jsonc?|jsconfig\.json|tsconfig.*\.json)$/,
  /^(?:gnumakefile|makefile|cmakelists\.txt|cmake.*presets\.json|meson\.build|build\.rs|cargo\.toml|go\.(?:mod|work))$/,
  /^(?:pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle\.properties|build\.(?:sbt|zig)|(?:workspace|module|build)\.bazel)$/,
  /^(?:pyproject\.toml|setup\.(?:py|cfg)|conftest\.py|tox\.ini|(?:site|user)customize\.py|gemfile|rakefile|mix\.exs|package\.swift)$/,
  /^(?:global\.json|nuget\.config|directory\..*)$/,
  /\.(?:code-workspace|sln|slnx|[a-z]+proj|pth|lnk|url|scf)$/,
  /\.(?:config|conf|rc)\.[cm]?[jt]sx?$/,
  /^(?:gulpfile|gruntfile)\./,
  // Obeyed by file managers.
  /^(?:desktop\.ini|autorun\.inf|folder\.htt)$/,
];

/**
 * Whether a file or folder of this name makes the folder around it a repository, a program or a tool's configuration.
 */
export function isLiveName(name: string): boolean {
  const lower = name.toLowerCase();
  return LIVE.some((pattern) => pattern.test(lower));
}
