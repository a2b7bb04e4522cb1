/** What the tags of a Go field say beyond its protobuf declaration. */
export interface GoField {
  /** Name in JSON; empty if a tag gives none. */
  readonly json: string;
  readonly inline: boolean;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
}

export interface GoStruct {
  /** Fields by protobuf field number. */
  readonly fields: ReadonlyMap<number, GoField>;
  /** Whether it embeds TypeMeta: objects of this type stand alone, with apiVersion and kind. */
  readonly isKind: boolean;
}

export interface GoFile {
  /** The folder below `k8s.io`, with slashes. */
  readonly folder: string;
  readonly text: string;
}

interface Alias {
  readonly name: string;
  readonly target: string;
}

/** Returns the protobuf package of a Go package, as Kubernetes' generator names it. */
export function packageOf(importPath: string): string {
  return importPath.replaceAll('/', '.').replaceAll('-', '_');
}

function tagOf(tags: string, name: string): string[] | undefined {
  return new RegExp(`${name}:"([^"]*)"`).exec(tags)?.[1]?.split(',');
}

function structOf(body: string): GoStruct {
  const fields = new Map<number, GoField>();
  let isKind = false;
  for (const line of body.split('\n')) {
    // An embedded field has no name.
    const [, type, tags] = /^\s*(?:\w+\s+)?([^\s/]\S*)\s+`(.*)`/.exec(line) ?? [];
    if (type === undefined || tags === undefined) continue;
    const [json = '', ...options] = tagOf(tags, 'json') ?? [];
    const number = tagOf(tags, 'protobuf')?.[1];
    const inline = options.includes('inline');
    if (number === undefined) {
      isKind ||= inline && /(^|\.)TypeMeta$/.test(type);
      continue;
    }
    fields.set(Number(number), {
      json,
      inline,
      pointer: type.startsWith('*'),
      omitEmpty: options.includes('omitempty'),
      omitZero: options.includes('omitzero'),
    });
  }
  return { fields, isKind };
}

/**
 * Returns the import path of a package name: `type MatchCondition v1.MatchCondition` names a package that the file
 * imports, under this name or by its last folder.
 */
function importedPath(text: string, name: string): string | undefined {
  const named = new RegExp(`^\\s*${name} "([^"]+)"`, 'm').exec(text)?.[1];
  return named ?? [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1]).find((path) => path?.endsWith(`/${name}`));
}

function aliasesIn({ folder, text }: GoFile): Alias[] {
  const here = packageOf(`k8s.io/${folder}`);
  return [...text.matchAll(/^type (\w+) (?:(\w+)\.)?([A-Z]\w*)$/gm)].map(([, name = '', from, type = '']) => {
    const path = from === undefined ? undefined : importedPath(text, from);
    return { name: `${here}.${name}`, target: `${path === undefined ? here : packageOf(path)}.${type}` };
  });
}

/** Finds structs that have protobuf tags, by the full name of their message. */
export function goStructs(files: readonly GoFile[]): Map<string, GoStruct> {
  const structs = new Map<string, GoStruct>();
  for (const { folder, text } of files) {
    for (const [, name = '', body = ''] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
      const struct = structOf(body);
      if (struct.fields.size > 0) structs.set(`${packageOf(`k8s.io/${folder}`)}.${name}`, struct);
    }
  }
  // The tags of an alias are at the struct that it names.
  for (const { name, target } of files.flatMap(aliasesIn)) {
    const struct = structs.get(target);
    if (struct && !structs.has(name)) structs.set(name, struct);
  }
  return structs;
}

/**
 * Returns the API group of each package of kinds, by the package's folder below `k8s.io`; `core/v1` has the empty
 * group.
 */
export function groupsOf(files: readonly GoFile[]): Map<string, string> {
  const groups = new Map<string, string>();
  for (const { folder, text } of files) {
    const group = /^\s*(?:const )?GroupName\s*= "([^"]*)"/m.exec(text)?.[1];
    if (group !== undefined) groups.set(folder, group);
  }
  return groups;
}
