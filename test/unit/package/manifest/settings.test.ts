import assert from 'node:assert/strict';
import manifest from '../../../../package.json' with { type: 'json' };
import texts from '../../../../package.nls.json' with { type: 'json' };

interface Schema {
  readonly scope?: string;
  readonly order?: number;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly enum?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly items?: Schema | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
}

const settings = Object.entries(manifest.contributes.configuration.properties as Readonly<Record<string, Schema>>);

/** Returns a schema and all schemas in it that describe a property. */
function described(name: string, schema: Schema): [string, Schema][] {
  const { items, additionalProperties, properties } = schema;
  const inside = [items, typeof additionalProperties === 'object' ? additionalProperties : undefined, schema];
  const own = inside.flatMap((each) =>
    each === schema ? Object.entries(properties ?? {}) : each ? [...parts(each)] : [],
  );
  return [[name, schema], ...own.flatMap(([part, each]) => described(`${name}.${part}`, each))];
}

function parts({ properties, items }: Schema): [string, Schema][] {
  return [...Object.entries(properties ?? {}), ...(items ? parts(items) : [])];
}

const all = settings.flatMap(([name, schema]) => described(name, schema));
/** Settings of VS Code that descriptions link. */
const VSCODE_SETTINGS = [
  'autoSave',
  'associations',
  'encoding',
  'insertFinalNewline',
  'trimFinalNewlines',
  'trimTrailingWhitespace',
].map((name) => `files.${name}`);
const textOf = (placeholder = '') => texts[placeholder.slice(1, -1) as keyof typeof texts];

describe('the settings', () => {
  it('have an order and a scope each', () => {
    const orders = settings.map(([, { order }]) => order);
    assert.deepEqual(
      orders,
      settings.map((_, at) => at + 1),
    );
    for (const [name, { scope }] of settings) assert.match(scope ?? '', /^(window|resource)$/, name);
  });

  it('are described, as is each of their properties and choices', () => {
    assert.ok(all.length > 30, String(all.length));
    for (const [name, { description, markdownDescription, enum: choices, markdownEnumDescriptions }] of all) {
      assert.equal(description, undefined, name);
      assert.ok(textOf(markdownDescription), name);
      assert.equal(markdownEnumDescriptions?.length, choices?.length, name);
      for (const each of markdownEnumDescriptions ?? []) assert.ok(textOf(each), each);
    }
  });

  it('link only settings and commands that exist', () => {
    const names = new Set([...settings.map(([name]) => name), ...VSCODE_SETTINGS]);
    const commands = new Set(manifest.contributes.commands.map(({ command }) => command));
    for (const [, { markdownDescription }] of all) {
      const text = textOf(markdownDescription);
      for (const [, name = ''] of text.matchAll(/#([\w.]+)#/g)) assert.ok(names.has(name), name);
      for (const [, id = ''] of text.matchAll(/\(command:([\w.]+)\)/g)) assert.ok(commands.has(id), id);
    }
  });
});
