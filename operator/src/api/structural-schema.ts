/** A JSON Schema node, or what is left of one. */
export type SchemaNode = { [keyword: string]: unknown };

const COPIED = new Set([
  'type',
  'description',
  'format',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
]);

/** Look-around and back references: ECMAScript has them, the API server's RE2 does not. */
const BEYOND_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

/**
 * Turns what zod makes of a schema into a structural schema (Kubernetes, "Specifying a structural schema").
 * @throws Error that names the path, for anything a structural schema forbids or that this function does not know, so that
 * nothing is dropped in silence.
 */
export function toStructural(node: SchemaNode, path: string): SchemaNode {
  if (node['x-kubernetes-int-or-string'] === true) return intOrString(node, path);
  if (typeof node.type !== 'string')
    fail(path, 'has no type: a union, a reference or "any" has no place in a structural schema');

  const result: SchemaNode = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (COPIED.has(keyword)) result[keyword] = value;
    else if (keyword === 'properties') {
      result[keyword] = mapValues(value as Record<string, SchemaNode>, (child, name) =>
        toStructural(child, `${path}.${name}`),
      );
    } else if (keyword === 'items') result[keyword] = toStructural(value as SchemaNode, `${path}[]`);
    else if (keyword === 'additionalProperties') {
      if (typeof value !== 'object') fail(path, 'has additionalProperties without a schema');
      result[keyword] = toStructural(value as SchemaNode, `${path}{}`);
    } else fail(path, `has "${keyword}", which a structural schema forbids or this generator does not know`);
  }
  check(result, path);
  return withoutSafeIntegerBounds(result);
}

function check(node: SchemaNode, path: string): void {
  if ('properties' in node && 'additionalProperties' in node) {
    fail(path, 'has both properties and additionalProperties');
  }
  const { type, pattern, description } = node;
  if (typeof pattern === 'string' && BEYOND_RE2.test(pattern))
    fail(path, `has a pattern beyond RE2: ${pattern}`);
  if (type === 'array' && !('items' in node)) fail(path, 'has no items');
  // Without bounds the API server assumes the worst for the cost of CEL rules.
  if (type === 'array' && !('maxItems' in node)) fail(path, 'needs maxItems');
  if ('additionalProperties' in node && !('maxProperties' in node)) fail(path, 'needs maxProperties');
  if (type === 'string' && !('maxLength' in node || 'enum' in node || 'format' in node))
    fail(path, 'needs maxLength');
  // Members of maps and of plain lists are explained by what holds them.
  if (typeof description !== 'string' && !path.endsWith('}') && !path.endsWith(']')) {
    fail(path, 'needs a description');
  }
}

function intOrString(node: SchemaNode, path: string): SchemaNode {
  const { anyOf, description, default: byDefault, 'x-kubernetes-validations': validations } = node;
  const members = (anyOf ?? []) as SchemaNode[];
  const text = members.find(({ type }) => type === 'string');
  if (members.length !== 2 || text === undefined || !members.some(({ type }) => type === 'integer')) {
    fail(path, 'is marked int-or-string and is not a union of just these');
  }
  const { pattern, maxLength } = text;
  return {
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    ...(pattern !== undefined && { pattern }),
    ...(maxLength !== undefined && { maxLength }),
    ...(validations !== undefined && { 'x-kubernetes-validations': validations }),
    'x-kubernetes-int-or-string': true,
  };
}

/** zod gives every integer the bounds of a double; a CRD says that by its format. */
function withoutSafeIntegerBounds(node: SchemaNode): SchemaNode {
  if (node.type !== 'integer') return node;
  const { minimum, maximum, ...rest } = node;
  return {
    ...rest,
    ...(minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
    format: maximum === Number.MAX_SAFE_INTEGER ? 'int64' : 'int32',
  };
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

function fail(path: string, what: string): never {
  throw new Error(`${path} ${what}`);
}
