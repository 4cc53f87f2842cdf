import fc from 'fast-check';
import type { SchemaNode } from '../structural-schema.ts';

/** Patterns that fast-check cannot read, with an arbitrary that fits them. */
export type PatternArbitraries = Readonly<Record<string, fc.Arbitrary<string>>>;

/**
 * Values that a structural schema accepts, CEL rules aside. Optional fields come and go.
 * @throws Error for a keyword combination it does not know.
 */
export function schemaArbitrary(node: SchemaNode, patterns: PatternArbitraries = {}): fc.Arbitrary<unknown> {
  if (Array.isArray(node.enum)) return fc.constantFrom(...node.enum);
  if (node['x-kubernetes-int-or-string'] === true) {
    return fc.oneof(fc.nat(1000), text({ minLength: 1, ...node }, patterns));
  }
  switch (node.type) {
    case 'string':
      return text(node, patterns);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Number(node.minimum ?? 0), max: Number(node.maximum ?? 1_000_000) });
    case 'array':
      return fc.array(schemaArbitrary(node.items as SchemaNode, patterns), {
        minLength: Number(node.minItems ?? 0),
        maxLength: Math.min(Number(node.maxItems), 4),
      });
    case 'object':
      return node.additionalProperties === undefined ? record(node, patterns) : dictionary(node, patterns);
  }
  throw new Error(`no arbitrary for ${JSON.stringify(node)}`);
}

function text(
  { pattern, minLength = 0, maxLength, format }: SchemaNode,
  patterns: PatternArbitraries,
): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.constant('2026-01-01T00:00:00Z');
  const [min, max] = [Number(minLength), Number(maxLength)];
  if (typeof pattern !== 'string')
    return fc.string({ minLength: min, maxLength: Math.min(max, 40), unit: 'grapheme-ascii' });
  return (patterns[pattern] ?? fc.stringMatching(new RegExp(pattern))).filter(
    ({ length }) => length >= min && length <= max,
  );
}

function record(
  { properties = {}, required = [] }: SchemaNode,
  patterns: PatternArbitraries,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, SchemaNode>);
  return fc.record(
    Object.fromEntries(fields.map(([name, child]) => [name, schemaArbitrary(child, patterns)])),
    { requiredKeys: required as string[], noNullPrototype: true },
  );
}

function dictionary(
  { additionalProperties }: SchemaNode,
  patterns: PatternArbitraries,
): fc.Arbitrary<unknown> {
  const key = fc.stringMatching(/^([a-z]{1,8}\.example\.com\/)?[a-z]([a-z-]{0,8}[a-z])?$/);
  return fc.dictionary(key, schemaArbitrary(additionalProperties as SchemaNode, patterns), {
    maxKeys: 4,
    noNullPrototype: true,
  });
}
