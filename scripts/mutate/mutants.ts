import { parseSync } from 'oxc-parser';

/** A small bug: the text between two offsets of a file is replaced. */
export interface Mutant {
  /** Line number, from 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Describes the change in one line. */
  readonly change: string;
  /** End of the innermost function around it; undefined outside of functions. */
  readonly functionEnd: number | undefined;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const OTHER_OPERATOR: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ '===': '!==', '!==': '===', '==': '!=', '!=': '==' },
    ...{ '<': '<=', '<=': '<', '>': '>=', '>=': '>' },
    ...{ '-': '+', '*': '/', '+=': '-=', '-=': '+=', '++': '--', '--': '++' },
  }),
);
const OTHER_METHOD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ some: 'every', every: 'some', max: 'min', min: 'max', ceil: 'floor', floor: 'ceil' },
  }),
);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
/** Calls whose texts are for people or for debugging; no test has to check them word by word. */
const IGNORED_CALLS = /^(l10n\.t|console\.\w+)$/;
const IGNORED_PROPERTIES = new Set(['cause']);
const LONGEST_CHANGE = 100;

/**
 * Returns all small bugs that can be planted in a TypeScript file: conditions that are always true or false, other
 * operators and operands, and missing statements, properties and awaits.
 * @throws Error if the file cannot be parsed
 */
export function mutantsOf(path: string, source: string): Mutant[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const found: Mutant[] = [];
  const lines = lineStarts(source);
  const code = ({ start, end }: Node) => source.slice(start, end);

  function visit(node: Node, functionEnd: number | undefined): void {
    if (node.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(node.type)) return;
    if (node.type === 'CallExpression' && isNode(node['callee']) && IGNORED_CALLS.test(code(node['callee']))) return;
    if (node.type === 'ImportDeclaration') return;
    const inner = FUNCTIONS.has(node.type) ? node.end : functionEnd;
    const add = (target: { readonly start: number; readonly end: number }, text: string) =>
      found.push({
        ...{ start: target.start, end: target.end, text, functionEnd: inner },
        line: lines.findLastIndex((start) => start <= target.start) + 1,
        change: `${short(source.slice(target.start, target.end))} → ${short(text) || '(nothing)'}`,
      });
    mutate(node, code, add);
    for (const child of childrenOf(node)) visit(child, inner);
  }

  visit(program as unknown as Node, undefined);
  return found.toSorted((a, b) => a.start - b.start);
}

type Add = (target: { readonly start: number; readonly end: number }, text: string) => void;

function mutate(node: Node, code: (node: Node) => string, add: Add): void {
  const { type } = node;
  const child = (name: string): Node | undefined => (isNode(node[name]) ? node[name] : undefined);
  const [test, left, right] = [child('test'), child('left'), child('right')];
  if ((type === 'IfStatement' || type === 'ConditionalExpression') && test)
    for (const text of ['true', 'false']) add(test, text);
  if (type === 'LogicalExpression' && left && right) for (const side of [left, right]) add(node, `(${code(side)})`);
  if ((type === 'BinaryExpression' || type === 'AssignmentExpression') && left && right) {
    const other = OTHER_OPERATOR.get(String(node['operator']));
    if (other) add(node, `${code(left)} ${other} ${code(right)}`);
  }
  const argument = child('argument');
  if (type === 'UnaryExpression' && node['operator'] === '!' && argument) add(node, code(argument));
  if (type === 'UpdateExpression' && argument) {
    const other = OTHER_OPERATOR.get(String(node['operator'])) ?? '';
    add(node, node['prefix'] === true ? other + code(argument) : code(argument) + other);
  }
  if (type === 'ThrowStatement') add(node, ';');
  if (type === 'ExpressionStatement') mutateStatement(node, child('expression'), code, add);
  if (type === 'Literal' && typeof node['value'] === 'boolean') add(node, String(!node['value']));
  if (type === 'ObjectExpression')
    for (const property of listOf(node['properties'])) if (!isIgnored(property)) add(property, '...{}');
  if (type === 'ArrayExpression') {
    const elements = listOf(node['elements']);
    if (elements.length > 1) for (const element of elements) if (isTextLiteral(element)) add(element, '...[]');
  }
  if (type === 'CallExpression') mutateCall(node, child('callee'), code, add);
}

function mutateStatement(node: Node, expression: Node | undefined, code: (node: Node) => string, add: Add): void {
  if (!expression || expression.type === 'Literal') return;
  const call = isNode(expression['callee']) ? expression['callee'].type : undefined;
  if (call === 'Super') return;
  add(node, ';');
  const awaited = expression['argument'];
  if (expression.type === 'AwaitExpression' && isNode(awaited)) add(expression, `void ${code(awaited)}`);
}

function mutateCall(node: Node, callee: Node | undefined, code: (node: Node) => string, add: Add): void {
  if (callee?.type !== 'MemberExpression') return;
  const { object, property } = callee;
  if (!isNode(object) || !isNode(property)) return;
  const other = OTHER_METHOD.get(code(property));
  if (other) add(property, other);
  if (code(property) === 'filter') add(node, code(object));
  const [, ...others] = listOf(node['arguments']);
  for (const argument of others) if (isTextLiteral(argument)) add(argument, '...[]');
}

function isIgnored(property: Node): boolean {
  const { key } = property;
  return isNode(key) && typeof key['name'] === 'string' && IGNORED_PROPERTIES.has(key['name']);
}

function isTextLiteral(node: Node): boolean {
  return node.type === 'Literal' && typeof node['value'] === 'string';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (isNode(value) ? [value] : listOf(value)));
}

function lineStarts(source: string): number[] {
  return [0, ...Array.from(source.matchAll(/\n/g), ({ index }) => index + 1)];
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_CHANGE ? `${line.slice(0, LONGEST_CHANGE)}…` : line;
}
