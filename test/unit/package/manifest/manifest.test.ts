import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../../../package.json' with { type: 'json' };
import texts from '../../../../package.nls.json' with { type: 'json' };
import { contextValues, ROWS, wordsOfRows, type RowKind } from './rows.ts';
import { WhenClause, type Context } from './whenClause.ts';

const root = join(import.meta.dirname, '../../../..');
const MAX_ENTRIES = 10;
const MAX_ICONS = 4;
const ROW_MENU = 'view/item/context';
const ALWAYS = ['addConnection', 'addConnectionFromClipboard', 'getStarted', 'openSnapshot', 'showLog'];

interface Entry {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

const { contributes } = manifest;
const menus: Readonly<Record<string, readonly Entry[]>> = contributes.menus;
const commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[] =
  contributes.commands;
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'));
const source = sources.join('\n');

const title = (placeholder: string) => texts[placeholder.slice(1, -1) as keyof typeof texts];
const nameOf = ({ command, submenu }: Entry) => command ?? submenu ?? '';
const isInline = ({ group }: Entry) => group?.startsWith('inline') === true;
const clauses = [
  ...Object.values(menus).flat(),
  ...contributes.keybindings,
  ...contributes.viewsWelcome,
  ...contributes.views.etcd,
  ...commands.map(({ enablement }) => ({ when: enablement })),
  ...contributes.walkthroughs.flatMap(({ steps }) => steps.flatMap(completionClauses)),
].flatMap(({ when }: { readonly when?: string | undefined }) => (when === undefined ? [] : [new WhenClause(when)]));

const known = new Map<string, WhenClause>();

function clauseOf(text: string): WhenClause {
  const clause = known.get(text) ?? new WhenClause(text);
  known.set(text, clause);
  return clause;
}

/** Returns the entries of a menu that are shown in a context. */
function shown(menu: string, context: Context): Entry[] {
  return (menus[menu] ?? []).filter(({ when }) => when === undefined || clauseOf(when).isTrue(context));
}

/** Returns the contexts in which a row's menu may be opened. */
function contextsOf(row: RowKind): Context[] {
  const states = [true, false].flatMap((canPaste) =>
    [true, false].flatMap((selected) => [true, false].map((several) => ({ canPaste, selected, several }))),
  );
  return contextValues(row).flatMap((viewItem) =>
    states.map(({ canPaste, selected, several }) => ({
      view: row.view,
      viewItem,
      'etcd.canPaste': canPaste,
      'etcd.selectedForCompare': selected,
      listMultiSelection: several,
    })),
  );
}

/** Returns the context keys that the code sets. */
function keysThatAreSet(): Set<string> {
  const names = sources.flatMap((text) =>
    [...text.matchAll(/'setContext',\s*(?:'([\w.]+)'|(\w+))/g)].map(
      ([, name, constant]) => name ?? new RegExp(`const ${constant} = '([\\w.]+)'`).exec(text)?.[1] ?? constant ?? '',
    ),
  );
  return new Set(names);
}

/** Returns the clauses among the events that complete a step of a walkthrough. */
function completionClauses({
  completionEvents,
}: {
  readonly completionEvents: readonly string[];
}): { readonly when: string }[] {
  return completionEvents.flatMap(
    (event) =>
      /^onContext:(.*)/
        .exec(event)
        ?.slice(1)
        .map((when) => ({ when })) ?? [],
  );
}

describe('the menu of a row', () => {
  for (const [index, row] of ROWS.entries())
    it(`of ${row.kind} in ${row.view} (${index}) is short, and its submenus, too`, () => {
      for (const context of contextsOf(row)) {
        const entries = shown(ROW_MENU, context).filter((entry) => !isInline(entry));
        const direct = entries.filter(({ command }) => command !== undefined);
        const what = `${JSON.stringify(context)}: ${entries.map(nameOf).join(', ')}`;
        assert.ok(direct.length <= MAX_ENTRIES, what);
        assert.equal(new Set(entries.map(nameOf)).size, entries.length, what);
        for (const { submenu } of entries)
          if (submenu !== undefined) assert.ok(shown(submenu, context).length <= MAX_ENTRIES, what);
      }
    });

  it('has each entry in one place', () => {
    const places = new Map<string, string>();
    for (const entry of (menus[ROW_MENU] ?? []).filter((each) => !isInline(each))) {
      const group = entry.group ?? '';
      assert.equal(places.get(nameOf(entry)) ?? group, group, nameOf(entry));
      places.set(nameOf(entry), group);
    }
  });

  it('does not have an entry beside and in a submenu', () => {
    for (const row of ROWS)
      for (const context of contextsOf(row)) {
        const entries = shown(ROW_MENU, context).filter((entry) => !isInline(entry));
        const all = entries.flatMap((entry) => (entry.submenu === undefined ? [entry] : shown(entry.submenu, context)));
        assert.equal(new Set(all.map(nameOf)).size, all.length, JSON.stringify(context));
      }
  });

  it('has submenus that exist, and each of them with entries', () => {
    const used = new Set(Object.values(menus).flatMap((menu) => menu.flatMap(({ submenu }) => submenu ?? [])));
    const ids = contributes.submenus.map(({ id }) => id);
    assert.deepEqual([...used].toSorted(), ids.toSorted());
    for (const id of ids) assert.ok((menus[id] ?? []).length > 1, id);
  });
});

describe('the tool bar of a view', () => {
  it('has few icons', () => {
    for (const { id } of contributes.views.etcd) {
      const icons = (menus['view/title'] ?? []).filter(
        ({ when, group }) => group?.startsWith('navigation') === true && when?.includes(`view == ${id}`) === true,
      );
      // Icons in the same place take turns. VS Code adds one to collapse all.
      assert.ok(new Set(icons.map(({ group }) => group)).size < MAX_ICONS, id);
    }
  });
});

describe('the palette', () => {
  it('lists each command only while it can do something', () => {
    const palette = new Map((menus['commandPalette'] ?? []).map(({ command, when }) => [command, when]));
    const always = commands.filter(({ command, enablement }) => enablement === undefined && !palette.has(command));
    assert.deepEqual(
      always.map(({ command }) => command),
      ALWAYS.map((name) => `etcd.${name}`),
    );
  });

  it('has no two entries with the same title', () => {
    const titles = commands.map((command) => title(command.title));
    assert.equal(new Set(titles).size, titles.length);
    const labels = contributes.submenus.map(({ label }) => title(label));
    assert.equal(new Set([...titles, ...labels]).size, titles.length + labels.length);
  });
});

describe('the words that menus and code share', () => {
  const read = clauses.flatMap(({ patterns }) => patterns);

  /** Returns the words that patterns look for in a key's value. */
  function wordsIn(key: string): Set<string> {
    const bodies = read.filter((each) => each.key === key).map(({ pattern }) => pattern.source);
    return new Set(bodies.flatMap((body) => body.replaceAll('\\b', '').match(/\w+/g) ?? []));
  }

  it('of rows are those that the code writes', () => {
    const words = wordsOfRows();
    for (const word of wordsIn('viewItem')) assert.ok(words.has(word), `no row is ever ${word}`);
    for (const word of words)
      assert.ok(
        word === '' || new RegExp(`['";]${word}['";]|\\b${word}:`).test(source),
        `the code does not say ${word}`,
      );
  });

  it('of rows that the code writes are known here', () => {
    const words = wordsOfRows();
    const written = sources.flatMap((text) =>
      [...text.matchAll(/\b(?:contextValue|context)(?: =|:) (?:\w+ \? )?['`]([\w;$]+)/g)].map(
        ([, value]) => value ?? '',
      ),
    );
    assert.ok(written.length > 15);
    for (const value of written)
      for (const word of value.split(';')) assert.ok(word.startsWith('$') || words.has(word), word);
  });

  it('of a row are each read by a menu, by group', () => {
    const inMenus = wordsIn('viewItem');
    const ignored = new Set(['', 'member', 'space']);
    for (const { kind, facets } of ROWS)
      for (const group of facets.filter((words) => words.length > 1 && !ignored.has(kind)))
        assert.ok(
          group.some((word) => word.split(';').some((each) => inMenus.has(each))),
          `${kind}: ${group.join('|')}`,
        );
  });

  it('of connections and of a search are those that the code writes', () => {
    for (const key of ['etcd.facets', 'etcd.searchState'])
      for (const word of wordsIn(key))
        assert.ok(new RegExp(`['"]${word}['"]|\\b${word}:`).test(source), `${key}: ${word}`);
  });

  it('are context keys that something sets, and something reads', () => {
    const used = clauses.flatMap(({ keys }) => [...keys]).filter((key) => key.startsWith('etcd.'));
    assert.deepEqual([...new Set(used)].toSorted(), [...keysThatAreSet()].toSorted());
  });
});

describe('what the manifest promises', () => {
  it('has a provider for each view', () => {
    const created = sources.flatMap((text) =>
      [...text.matchAll(/createTreeView\((?:'([\w.]+)'|(\w+))/g)].map(
        ([, id, constant]) => id ?? new RegExp(`const ${constant} = '([\\w.]+)'`).exec(text)?.[1] ?? '',
      ),
    );
    const views = contributes.views.etcd.map(({ id }) => id);
    assert.deepEqual(created.filter(Boolean).toSorted(), views.toSorted());
  });

  it('hides each view but the first until it is used', () => {
    const [first, ...others] = contributes.views.etcd as readonly { id: string; when?: string }[];
    assert.equal(first?.when, undefined);
    for (const { id, when } of others) assert.ok(when !== undefined, id);
  });

  it('has a walkthrough of a few steps, each with a picture and with an end', () => {
    const ids = new Set(commands.map(({ command }) => command));
    const [steps = []] = contributes.walkthroughs.map((each) => each.steps);
    assert.ok(steps.length >= 3 && steps.length <= 6);
    for (const { media, completionEvents, description } of steps) {
      const picture = readFileSync(join(root, media.svg), 'utf8');
      // Colors of the theme suit dark, light and high contrast ones.
      assert.doesNotMatch(picture, /(?:fill|stroke)="(?!none|var\()/);
      assert.ok(title(media.altText));
      for (const event of completionEvents) {
        const [, command] = /^onCommand:(.*)/.exec(event) ?? [];
        assert.ok(command === undefined ? event.startsWith('onContext:') : ids.has(command), event);
      }
      for (const [, id = ''] of title(description).matchAll(/\(command:(etcd\.\w+)\)/g)) assert.ok(ids.has(id), id);
    }
    assert.match(readFileSync(join(root, '.vscodeignore'), 'utf8'), /^!media\/walkthrough\/\*\.svg$/m);
  });

  it('has only settings that something reads', () => {
    for (const name of Object.keys(contributes.configuration.properties)) {
      const short = name.slice('etcd.'.length);
      assert.ok(source.includes(`'${name}'`) || source.includes(`'${short}'`), name);
    }
  });
});
