import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition, openApiSchema } from './crd.ts';
import { crdYaml, escapeTemplate } from './crd-files.ts';
import { specSchema } from './spec.ts';
import type { SchemaNode } from './structural-schema.ts';

test('the YAML says what the object says', () => {
  expect(parse(crdYaml())).toEqual(customResourceDefinition());
});

test("Helm's own braces survive", () => {
  expect(escapeTemplate('a {{ b }}')).toBe('a {{ "{{" }} b }}');
});

/** Every node of the schema with its path. */
function* walk(node: SchemaNode, path: string): Generator<[string, SchemaNode]> {
  yield [path, node];
  for (const [name, child] of Object.entries((node.properties ?? {}) as Record<string, SchemaNode>)) {
    yield* walk(child, `${path}.${name}`);
  }
  if (node.items !== undefined) yield* walk(node.items as SchemaNode, `${path}[]`);
  if (node.additionalProperties !== undefined)
    yield* walk(node.additionalProperties as SchemaNode, `${path}{}`);
}

describe('rules', () => {
  const rules = [...walk(openApiSchema(), '')].flatMap(([path, node]) =>
    ((node['x-kubernetes-validations'] ?? []) as { rule: string; message: string }[]).map(
      (rule) => [path, rule] as const,
    ),
  );
  test.each(rules)('%s: %j has a message of one line', (_, { message }) => {
    expect(message).toMatch(/^[^\n]{10,200}$/);
  });
});

test('the defaults in the CRD are those of the parser', () => {
  const node = openApiSchema().properties as Record<string, SchemaNode>;
  const given = { bucket: { name: 'my-bucket' }, ingress: { host: 'a.example.com' } };
  expect(withDefaults(node.spec ?? {}, given)).toEqual(specSchema.parse(given));
});

/** Defaulting as the API server does it. */
function withDefaults(node: SchemaNode, value: unknown): unknown {
  if (node.properties === undefined || typeof value !== 'object') return value;
  const result: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(node.properties as Record<string, SchemaNode>)) {
    if (result[name] === undefined && child.default !== undefined) result[name] = child.default;
    if (result[name] !== undefined) result[name] = withDefaults(child, result[name]);
  }
  return result;
}
