import { expect, test } from 'vitest';
import * as z from 'zod';
import { type SchemaNode, toStructural } from './structural-schema.ts';

function convert(schema: z.ZodType): SchemaNode {
  const described = schema.describe('Something.');
  return toStructural(
    z.toJSONSchema(described, { target: 'openapi-3.0', io: 'input' }) as SchemaNode,
    'root',
  );
}
const text = z.string().max(9).describe('Text.');

test.each<[what: string, schema: z.ZodType, complaint: RegExp]>([
  ['a union', z.object({ a: z.union([text, z.boolean()]).describe('A.') }), /root\.a has no type/],
  ['any', z.object({ a: z.any().describe('A.') }), /root\.a has no type/],
  ['null', z.object({ a: z.null().describe('A.') }), /root\.a/],
  [
    'properties beside other keys',
    z.looseObject({ a: text }),
    /root has additionalProperties|root\{\} has no type/,
  ],
  ['two patterns', z.object({ a: text.regex(/a/).regex(/b/) }), /root\.a has "allOf"/],
  ['a look-ahead', text.regex(/^(?!a)/), /beyond RE2/],
  ['a back reference', text.regex(/(a)\1/), /beyond RE2/],
  ['a string without end', z.string(), /root needs maxLength/],
  ['a list without end', z.array(text), /root needs maxItems/],
  ['a map without end', z.record(z.string(), text), /root needs maxProperties/],
  ['a field without description', z.object({ a: z.boolean() }), /root\.a needs a description/],
  ['a tuple', z.tuple([text]), /root/],
])('%s is refused', (_, schema, complaint) => {
  expect(() => convert(schema)).toThrow(complaint);
});

test('a recursive schema is refused', () => {
  const tree: z.ZodType = z.object({
    get child() {
      return tree.optional();
    },
  });
  expect(() => convert(tree)).toThrow(/root/);
});

test('integers lose the bounds of a double and gain a format', () => {
  expect(convert(z.int())).toEqual({ description: 'Something.', type: 'integer', format: 'int64' });
  expect(convert(z.int().min(1).max(9))).toMatchObject({ minimum: 1, maximum: 9, format: 'int32' });
});
