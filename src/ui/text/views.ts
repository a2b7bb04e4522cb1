import {
  window,
  type MarkdownString,
  type ProviderResult,
  type StatusBarAlignment,
  type StatusBarItem,
  type ThemeIcon,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  type TreeViewOptions,
  type ViewColumn,
  type WebviewOptions,
  type WebviewPanel,
} from 'vscode';
import { inert, literal } from './literal.ts';

/** Creates a view whose rows, message and description show texts literally. */
export function createTreeView<T>(id: string, options: TreeViewOptions<T>): TreeView<T> {
  const view = window.createTreeView(id, { ...options, treeDataProvider: withTexts(options.treeDataProvider) });
  return new Proxy(view, {
    get(_, name) {
      const value: unknown = Reflect.get(view, name, view);
      return typeof value === 'function' ? value.bind(view) : value;
    },
    set(_, name, value: unknown) {
      const isText = name === 'message' || name === 'title' || name === 'description';
      return Reflect.set(view, name, isText && typeof value === 'string' ? inert(value) : value, view);
    },
  });
}

/** Creates a tab with a page, whose title is shown literally. */
export function createWebviewPanel(id: string, title: string, at: ViewColumn, options: WebviewOptions): WebviewPanel {
  return window.createWebviewPanel(id, inert(title), at, options);
}

/** An item of the status bar, whose icons are constants and whose texts are shown literally. */
export interface StatusItem extends Pick<
  StatusBarItem,
  'name' | 'command' | 'accessibilityInformation' | 'color' | 'backgroundColor' | 'show' | 'hide' | 'dispose'
> {
  text: readonly (string | ThemeIcon)[];
  tooltip: string | MarkdownString | undefined;
}

export function createStatusBarItem(id: string, alignment?: StatusBarAlignment, priority?: number): StatusItem {
  const item = window.createStatusBarItem(id, alignment, priority);
  let parts: StatusItem['text'] = [];
  return {
    get text() {
      return parts;
    },
    set text(text) {
      parts = text;
      item.text = text.map((part) => (typeof part === 'string' ? inert(part) : `$(${part.id})`)).join(' ');
    },
    get tooltip() {
      return item.tooltip;
    },
    set tooltip(tooltip) {
      item.tooltip = typeof tooltip === 'string' ? literal(tooltip) : tooltip;
    },
    set name(name: string | undefined) {
      item.name = name;
    },
    get name() {
      return item.name;
    },
    set command(command: StatusBarItem['command']) {
      item.command = command;
    },
    get command() {
      return item.command;
    },
    set accessibilityInformation(information: StatusBarItem['accessibilityInformation']) {
      item.accessibilityInformation = information && { ...information, label: literal(information.label) };
    },
    get accessibilityInformation() {
      return item.accessibilityInformation;
    },
    set color(color: StatusItem['color']) {
      item.color = color;
    },
    get color() {
      return item.color;
    },
    set backgroundColor(color: StatusBarItem['backgroundColor']) {
      item.backgroundColor = color;
    },
    get backgroundColor() {
      return item.backgroundColor;
    },
    show: () => item.show(),
    hide: () => item.hide(),
    dispose: () => item.dispose(),
  };
}

function withTexts<T>(provider: TreeDataProvider<T>): TreeDataProvider<T> {
  const { onDidChangeTreeData } = provider;
  const resolve = provider.resolveTreeItem?.bind(provider);
  const parent = provider.getParent?.bind(provider);
  return {
    ...(onDidChangeTreeData && { onDidChangeTreeData }),
    getChildren: (element) => provider.getChildren(element),
    getTreeItem: async (element) => shown(await provider.getTreeItem(element)),
    ...(parent && { getParent: (element) => parent(element) }),
    ...(resolve && {
      resolveTreeItem: async (item, element, token) => await resolved(resolve(item, element, token)),
    }),
  };
}

async function resolved(item: ProviderResult<TreeItem>): Promise<TreeItem | undefined> {
  const found = await item;
  return found ? shown(found) : undefined;
}

/**
 * Converts the texts of an item in place, if necessary. A screen reader says what the row shows, unless the row has a
 * text for it.
 */
function shown(item: TreeItem): TreeItem {
  const { label, description, tooltip, accessibilityInformation = { label: spoken(item) } } = item;
  if (typeof label === 'string') item.label = inert(label);
  else if (label) {
    const { label: text, highlights = [] } = label;
    item.label = {
      label: inert(text),
      highlights: highlights.map(([from, to]) => [shift(text, from), shift(text, to)]),
    };
  }
  if (typeof description === 'string') item.description = inert(description);
  if (typeof tooltip === 'string') item.tooltip = literal(tooltip);
  item.accessibilityInformation = { ...accessibilityInformation, label: literal(accessibilityInformation.label) };
  return item;
}

/** Returns the text for a screen reader, because VS Code would read the tooltip instead of label and description. */
function spoken({ label, description }: TreeItem): string {
  const name = typeof label === 'object' ? label.label : (label ?? '');
  return typeof description === 'string' && description !== '' ? `${name} ${description}` : name;
}

/** Converts a position in a text to the position in the shown text. */
function shift(text: string, place: number): number {
  return inert(text.slice(0, place)).length;
}
