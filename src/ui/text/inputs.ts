import {
  window,
  type CancellationToken,
  type InputBox,
  type InputBoxOptions,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
  type QuickPickOptions,
} from 'vscode';
import { inert } from './literal.ts';
import { Replacements } from './changed.ts';

/**
 * Properties whose texts are converted. Typed text stays unchanged, because input fields show neither links nor icons.
 */
const TEXTS: ReadonlySet<PropertyKey> = new Set(['title', 'prompt', 'placeholder', 'validationMessage']);

export async function showInputBox(options: InputBoxOptions, token?: CancellationToken): Promise<string | undefined> {
  const { title, prompt, placeHolder, ...others } = options;
  const validate = options.validateInput?.bind(options);
  return await window.showInputBox(
    {
      // Typing continues after the initial text instead of replacing it.
      ...(options.value !== undefined && { valueSelection: [options.value.length, options.value.length] }),
      ...others,
      ...optional({ title, prompt, placeHolder }),
      ...(validate && {
        validateInput: async (text: string) => {
          const problem = await validate(text);
          if (typeof problem === 'string') return inert(problem);
          return problem && { ...problem, message: inert(problem.message) };
        },
      }),
    },
    token,
  );
}

export async function showQuickPick<T extends QuickPickItem>(
  items: readonly T[],
  options: QuickPickOptions = {},
  token?: CancellationToken,
): Promise<T | undefined> {
  const { title, placeHolder, ...others } = options;
  const replaced = new Replacements<T>(shownItem);
  const chosen = await window.showQuickPick(
    items.map((item) => replaced.shown(item)),
    { ...others, ...optional({ title, placeHolder }), canPickMany: false },
    token,
  );
  return chosen && replaced.own(chosen);
}

export function createInputBox(): InputBox {
  return withTexts(window.createInputBox(), () => undefined);
}

export function createQuickPick<T extends QuickPickItem>(): QuickPick<T> {
  const replaced = new Replacements<T>(shownItem);
  return withTexts(window.createQuickPick<T>(), (name) => (LISTS.has(name) ? replaced : undefined));
}

/**
 * Creates a pick whose items the extension itself filters and sorts. By default, VS Code puts the shortest matching
 * label first. Every version since 1.44 has `sortByLabel`, which switches that off, but its types do not.
 */
export function createOrderedQuickPick<T extends QuickPickItem>(): QuickPick<T> {
  return Object.assign(createQuickPick<T>(), { sortByLabel: false });
}

const LISTS: ReadonlySet<PropertyKey> = new Set(['items', 'activeItems', 'selectedItems']);

/** Wraps an input: its texts and items are converted for display, and returned unconverted. */
function withTexts<Input extends InputBox | QuickPick<Item>, Item extends QuickPickItem>(
  input: Input,
  itemsOf: (name: PropertyKey) => Replacements<Item> | undefined,
): Input {
  return new Proxy(input, {
    get(_, name) {
      const value: unknown = Reflect.get(input, name, input);
      const items = itemsOf(name);
      if (items && Array.isArray(value)) return value.map((item: Item) => items.own(item));
      return typeof value === 'function' ? value.bind(input) : value;
    },
    set(_, name, value: unknown) {
      const items = itemsOf(name);
      const shown =
        items && Array.isArray(value)
          ? value.map((item: Item) => items.shown(item))
          : name === 'buttons' && Array.isArray(value)
            ? value.map((button: QuickInputButton) => shownButton(button))
            : TEXTS.has(name) && typeof value === 'string'
              ? inert(value)
              : value;
      const isSet = Reflect.set(input, name, shown, input);
      // VS Code's types give this property only to input boxes, but picks have it too.
      if (name === 'value' && typeof value === 'string')
        Reflect.set(input, 'valueSelection', [value.length, value.length], input);
      return isSet;
    },
  });
}

/**
 * Converts an item. Returns the item itself if nothing has to change, because VS Code then returns that object as the
 * answer.
 */
function shownItem<T extends QuickPickItem>(item: T): T {
  const { label, description, detail, buttons } = item;
  const shown = {
    label: inert(label),
    ...optional({ description, detail }),
    ...(buttons && { buttons: buttons.map(shownButton) }),
  };
  return { ...item, ...shown };
}

function shownButton<T extends QuickInputButton>(button: T): T {
  const { tooltip } = button;
  return tooltip === undefined || inert(tooltip) === tooltip ? button : { ...button, tooltip: inert(tooltip) };
}

function optional<K extends string>(texts: Readonly<Record<K, string | undefined>>): { [key in K]?: string } {
  const shown: { [key in K]?: string } = {};
  for (const name in texts) if (texts[name] !== undefined) shown[name] = inert(texts[name]);
  return shown;
}
