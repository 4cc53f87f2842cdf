import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMap, isScalar, parseDocument } from 'yaml';
import { z } from 'zod';
import { CHART } from './helm.ts';

interface Schema {
  $ref?: string | undefined;
  properties?: Record<string, Schema> | undefined;
  definitions?: Record<string, Schema> | undefined;
}

const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    properties: z.record(z.string(), schemaSchema).optional(),
    definitions: z.record(z.string(), schemaSchema).optional(),
  }),
);

const valuesText = await readFile(join(CHART, 'values.yaml'), 'utf8');
const schema = schemaSchema.parse(JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')));

/** The schema that a reference such as "#/definitions/tag" names. */
function resolved(node: Schema): Schema {
  const [, name = ''] = /^#\/definitions\/(.*)$/.exec(node.$ref ?? '') ?? [];
  return node.$ref === undefined ? node : (schema.definitions?.[name] ?? {});
}

/** Paths of the schema's properties, such as "image.tag". */
function schemaPaths(node: Schema, prefix = ''): string[] {
  const { properties = {} } = resolved(node);
  return Object.entries(properties).flatMap(([name, property]) => [
    `${prefix}${name}`,
    ...schemaPaths(property, `${prefix}${name}.`),
  ]);
}

/** Paths of the values down to where the schema stops, with whether a helm-docs comment stands above each. */
function valuePaths(node: unknown, known: ReadonlySet<string>, prefix = ''): Map<string, boolean> {
  if (!isMap(node)) return new Map();
  return new Map(
    node.items.flatMap(({ key, value }, index) => {
      if (!isScalar(key)) return [];
      const path = `${prefix}${key.value}`;
      const inner = [...valuePaths(value, known, `${path}.`)].filter(([name]) => known.has(name));
      // The parser gives the comment above a map's first key to the map.
      const comment = key.commentBefore ?? (index === 0 ? node.commentBefore : undefined) ?? '';
      return [[path, /^ -- \S/.test(comment) || inner.length > 0] as const, ...inner];
    }),
  );
}

const inSchema = new Set(schemaPaths(schema).filter((path) => path !== 'global'));
const inValues = valuePaths(parseDocument(valuesText).contents, inSchema);

it('has a schema for every value, and a value for every property of the schema', () => {
  expect([...inValues.keys()].sort()).toEqual([...inSchema].sort());
});

it('explains every value', () => {
  expect([...inValues].filter(([, explained]) => !explained)).toEqual([]);
});
