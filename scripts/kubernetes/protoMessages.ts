/** A field as `generated.proto` declares it. */
export interface ProtoField {
  readonly number: number;
  readonly name: string;
  readonly many: 'one' | 'list' | 'map';
  /** A scalar type, or the full name of a message. */
  readonly type: string;
}

const scalars = new Set(['string', 'bytes', 'bool', 'int32', 'int64', 'double']);

function fieldOf(statement: string, packageName: string): ProtoField {
  const [, label, keyType, valueType, plainType, name = '', number] =
    /^(optional|repeated|map)\s*(?:<(\w+),\s*([.\w]+)>|([.\w]+))\s+(\w+) = (\d+)$/.exec(statement) ?? [];
  const type = valueType ?? plainType;
  if (type === undefined || (keyType !== undefined && keyType !== 'string')) {
    throw new Error(`this field of ${packageName} has an unknown form: ${statement}`);
  }
  let full = type;
  if (type.startsWith('.')) full = type.slice(1);
  else if (!scalars.has(type)) full = `${packageName}.${type}`;
  const many = label === 'map' ? 'map' : label === 'repeated' ? 'list' : 'one';
  return { number: Number(number), name, many, type: full };
}

/**
 * Reads the messages of a `generated.proto` of Kubernetes, by full name, each with its fields in the order of their
 * numbers.
 */
export function protoMessages(text: string): Map<string, readonly ProtoField[]> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const packageName = /^package ([\w.]+);/m.exec(code)?.[1] ?? '';
  const messages = new Map<string, readonly ProtoField[]>();
  for (const [, name = '', body = ''] of code.matchAll(/^message (\w+) \{([^}]*)\}/gm)) {
    const statements = body.split(';').map((statement) => statement.trim());
    const fields = statements.filter((statement) => statement !== '').map((each) => fieldOf(each, packageName));
    messages.set(
      `${packageName}.${name}`,
      fields.toSorted((a, b) => a.number - b.number),
    );
  }
  return messages;
}
