import fc from 'fast-check';
import { openApiSchema } from '../crd.ts';
import { type S3ProxySpecInput, specSchema } from '../spec.ts';
import type { SchemaNode } from '../structural-schema.ts';
import { schemaArbitrary } from './schema-arbitrary.ts';

const printable = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 30 });
/** No leading slash, no control characters: the prefix's pattern names a Unicode class that fast-check cannot generate. */
const prefix = fc
  .oneof(
    printable,
    fc.constantFrom('', 'public', 'public/', '$(AWS_SECRET_ACCESS_KEY)', '$$', 'ä ö/ü+%41', '../up', 'a//b'),
  )
  .filter((text) => /^([^\p{Cc}/][^\p{Cc}]*)?$/u.test(text));

const specNode = (openApiSchema().properties as Record<string, SchemaNode>).spec ?? {};

/** Specs that the CRD accepts, rules across fields included. */
export const validSpec: fc.Arbitrary<S3ProxySpecInput> = schemaArbitrary(specNode, {
  '^([^\\p{Cc}/][^\\p{Cc}]*)?$': prefix,
})
  .map((spec) => repair(spec as S3ProxySpecInput))
  .filter((spec) => specSchema.safeParse(spec).success);

/** Most of the generated specs break a rule across fields. Mended here, so that few need to be thrown away. */
function repair(spec: S3ProxySpecInput): S3ProxySpecInput {
  const { credentials = {}, ingress = {} } = spec;
  const [credential] = Object.entries(credentials);
  const [tls] = Object.entries(ingress.tls ?? {});
  return {
    ...spec,
    credentials: Object.fromEntries(credential === undefined ? [] : [credential]),
    ingress: {
      ...ingress,
      host: ingress.host ?? 'photos.example.com',
      ...(ingress.tls !== undefined && { tls: Object.fromEntries(tls === undefined ? [] : [tls]) }),
    },
  };
}
