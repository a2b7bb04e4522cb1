import {
  applyEdits,
  findNodeAtLocation,
  modify,
  parse,
  parseTree,
  type Edit,
  type JSONPath,
  type ParseError,
} from 'jsonc-parser';

/** One change of a JSON text with comments. */
export interface JsonChange {
  readonly path: JSONPath;
  /** The new value; `undefined` removes the old one. */
  readonly value: unknown;
  /** Insert into the array rather than replace the item at this index. */
  readonly insert?: boolean;
}

const BYTE_ORDER_MARK = '\ufeff';

/** Returns the value at a path; undefined if there is none, or if the text is not valid. */
export function valueAt(text: string, path: JSONPath): unknown {
  const errors: ParseError[] = [];
  const root: unknown = parse(text.replace(BYTE_ORDER_MARK, ''), errors, { allowTrailingComma: true });
  if (errors.length > 0) return undefined;
  return path.reduce<unknown>((value, step) => (isContainer(value) ? value[step] : undefined), root);
}

/** Makes changes one after the other. Everything else keeps its bytes: comments, order, other properties. */
export function changedText(text: string, changes: readonly JsonChange[]): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const indent = /^(?:\t+| +)(?=\S)/m.exec(text)?.[0] ?? '    ';
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  const changed = changes.reduce((before, { path, value, insert = false }) => {
    const removal = value === undefined ? itemRemoval(before, path) : undefined;
    const edits = removal ? [removal] : modify(before, path, value, { formattingOptions, isArrayInsertion: insert });
    return applyEdits(before, edits);
  }, text.slice(mark.length));
  return mark + changed;
}

/**
 * Removes an item from a list of several; jsonc-parser 3.3 itself removes too much if the list ends on the same line.
 */
function itemRemoval(text: string, path: JSONPath): Edit | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const index = path.at(-1);
  const list = tree && findNodeAtLocation(tree, path.slice(0, -1));
  if (list?.type !== 'array' || typeof index !== 'number') return undefined;
  const [previous, item, next] = [index - 1, index, index + 1].map((each) => list.children?.[each]);
  if (!item) return undefined;
  const start = next || !previous ? item.offset : previous.offset + previous.length;
  const end = next ? next.offset : item.offset + item.length;
  return { offset: start, length: end - start, content: '' };
}

function isContainer(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
