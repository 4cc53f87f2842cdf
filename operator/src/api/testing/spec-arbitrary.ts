import fc from 'fast-check';
import { openApiSchema } from '../crd.ts';
import { type S3ProxySpecInput, specSchema } from '../spec.ts';
import type { SchemaNode } from '../structural-schema.ts';
import { schemaArbitrary } from './schema-arbitrary.ts';

const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const odd = fc.constantFrom(
  'public',
  'public/',
  '$(AWS_SECRET_ACCESS_KEY)',
  '$$',
  'ä ö/ü+%41',
  '../up',
  'a//b',
  '"\\',
);

/** Patterns with Unicode classes, which fast-check cannot generate from. */
export const LINES = Object.fromEntries(
  [
    '^[^\\p{Cc}]*$',
    '^([^\\p{Cc}/][^\\p{Cc}]*)?$',
    '^[^\\p{Cc}]+$',
    '^[^\\p{Cc}/][^\\p{Cc}]*$',
    '^[^\\p{Cc}/]+$',
  ].map((pattern) => [pattern, fc.oneof(line, odd).filter((text) => new RegExp(pattern, 'u').test(text))]),
);

const specNode = (openApiSchema().properties as Record<string, SchemaNode>).spec ?? {};

/** Specs that the CRD accepts, rules across fields included. */
export const validSpec: fc.Arbitrary<S3ProxySpecInput> = schemaArbitrary(specNode, LINES)
  .map(repair)
  .filter((spec) => specSchema.safeParse(spec).success);

/** Takes what breaks a rule across fields out of a spec, so that few specs need to be thrown away. */
function repair(value: unknown): S3ProxySpecInput {
  let spec = structuredClone(value) as S3ProxySpecInput;
  for (let attempt = 0; attempt < 20; attempt++) {
    const parsed = specSchema.safeParse(spec);
    if (parsed.success) return spec;
    const [issue] = parsed.error.issues;
    remove(spec, issue?.path.slice(0, Math.max(1, issue.path.length - 1)) ?? []);
    spec = {
      ...spec,
      bucket: spec.bucket ?? { name: 'my-bucket' },
      ingress: spec.ingress ?? { host: 'photos.example.com' },
    };
  }
  return spec;
}

function remove(root: object, path: readonly PropertyKey[]): void {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((node, step) => (node as Record<PropertyKey, unknown>)[step], root);
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<PropertyKey, unknown>)[last];
}
