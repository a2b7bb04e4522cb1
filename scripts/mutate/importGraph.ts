import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';

interface Imports {
  /** Full paths of this project's files. */
  readonly files: readonly string[];
  readonly usesVsCode: boolean;
}

/** Knows which files of this project import which, including `import()`; imported types do not count. */
export class ImportGraph {
  readonly #known = new Map<string, Promise<Imports>>();

  /** Returns all files that a file needs to run, including itself, and whether any of them needs VS Code. */
  async reach(path: string): Promise<{ readonly files: ReadonlySet<string>; readonly usesVsCode: boolean }> {
    const files = new Set([path]);
    let usesVsCode = false;
    for (const each of files) {
      const imports = await this.#importsOf(each);
      for (const file of imports.files) files.add(file);
      usesVsCode ||= imports.usesVsCode;
    }
    return { files, usesVsCode };
  }

  async #importsOf(path: string): Promise<Imports> {
    const known = this.#known.get(path) ?? readImports(path);
    this.#known.set(path, known);
    return await known;
  }
}

async function readImports(path: string): Promise<Imports> {
  const source = await readFile(path, 'utf8');
  const { module: parsed } = parseSync(path, source);
  const names = [
    ...parsed.staticImports
      .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
      .map(({ moduleRequest }) => moduleRequest.value),
    ...parsed.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) => (moduleRequest && !isType ? [moduleRequest.value] : [])),
    ),
    ...parsed.dynamicImports.map(({ moduleRequest: { start, end } }) => source.slice(start + 1, end - 1)),
  ];
  const local = names.filter((name) => name.startsWith('.')).map((name) => resolve(dirname(path), name));
  return {
    files: local.filter((file) => file.endsWith('.ts') && existsSync(file)),
    usesVsCode: names.includes('vscode'),
  };
}
