import fc from 'fast-check';
import { openApiSchema } from '../crd.ts';
import { type S3ProxySpecInput, specSchema } from '../spec.ts';
import type { SchemaNode } from '../structural-schema.ts';
import { schemaArbitrary } from './schema-arbitrary.ts';
import { LINES } from './spec-arbitrary.ts';

/** Stands for any element of a list. */
const ELEMENT = '[]';

/** A place in the spec that holds one value: a scalar, or a map of the user's. */
export interface Leaf {
  /** Such as `spec.gateway.parentRefs[0].name`: as errors name it in a list of one element. */
  path: string;
  steps: readonly string[];
  node: SchemaNode;
}

const specNode = (openApiSchema().properties as Record<string, SchemaNode>).spec ?? {};

const propertiesOf = (node: SchemaNode): Record<string, SchemaNode> =>
  (node.properties ?? {}) as Record<string, SchemaNode>;

/** Every leaf of the spec's schema. */
export function specLeaves(node: SchemaNode = specNode, steps: readonly string[] = []): Leaf[] {
  const properties = Object.entries(propertiesOf(node));
  if (properties.length > 0)
    return properties.flatMap(([name, child]) => specLeaves(child, [...steps, name]));
  if (node.type === 'array') return specLeaves(node.items as SchemaNode, [...steps, ELEMENT]);
  return [{ path: pathOf(steps), steps, node }];
}

function pathOf(steps: readonly string[]): string {
  return steps.reduce((text, step) => (step === ELEMENT ? `${text}[0]` : `${text}.${step}`), 'spec');
}

/** Values worth trying at a leaf: all that there are, or the bounds and some between. */
export function leafValues({ node }: Leaf): fc.Arbitrary<unknown>[] {
  if (Array.isArray(node.enum)) return node.enum.map((value) => fc.constant(value));
  if (node.type === 'boolean') return [fc.constant(true), fc.constant(false)];
  const some = anyOf(node);
  if (node.type === 'integer') {
    const bounds = [node.minimum, node.maximum].filter((bound) => bound !== undefined);
    return [...bounds.map((bound) => fc.constant(bound)), some];
  }
  if (node.additionalProperties === undefined) return [some];
  return [some.filter((map) => Object.keys(map as object).length > 0)];
}

/** Valid specs with `value` at the leaf: as small as can be, or with what may stand beside it, which comes and goes. */
export function specsWith(leaf: Leaf, value: fc.Arbitrary<unknown>): fc.Arbitrary<S3ProxySpecInput> {
  const [block = '', ...rest] = leaf.steps;
  const child = propertiesOf(specNode)[block] ?? {};
  return fc
    .oneof(containing(child, rest, value, false), containing(child, rest, value, true))
    .map((content): S3ProxySpecInput => {
      const smallest = { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' } };
      return { ...smallest, [block]: content } as S3ProxySpecInput;
    })
    .filter((spec) => specSchema.safeParse(spec).success);
}

/** Arbitraries by node: making one takes longer than drawing from it. */
const known = new Map<SchemaNode, fc.Arbitrary<unknown>>();

function anyOf(node: SchemaNode): fc.Arbitrary<unknown> {
  const arbitrary = known.get(node) ?? schemaArbitrary(node, LINES);
  known.set(node, arbitrary);
  return arbitrary;
}

function containing(
  node: SchemaNode,
  [step, ...rest]: readonly string[],
  value: fc.Arbitrary<unknown>,
  neighbours: boolean,
): fc.Arbitrary<unknown> {
  if (step === undefined) return value;
  if (step === ELEMENT) return fc.tuple(containing(node.items as SchemaNode, rest, value, neighbours));
  const required = new Set([...((node.required ?? []) as string[]), step]);
  const fields = Object.entries(propertiesOf(node)).filter(([name]) => neighbours || required.has(name));
  return fc.record(
    Object.fromEntries(
      fields.map(([name, child]) => [
        name,
        name === step ? containing(child, rest, value, neighbours) : anyOf(child),
      ]),
    ),
    { requiredKeys: [...required], noNullPrototype: true },
  );
}

/** A copy of the spec with another value at the leaf, of whatever type. */
export function withLeaf(spec: S3ProxySpecInput, { steps }: Leaf, value: unknown): S3ProxySpecInput {
  const copy = structuredClone(spec);
  const keys = steps.map((step) => (step === ELEMENT ? 0 : step));
  const parent = keys
    .slice(0, -1)
    .reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], copy);
  (parent as Record<string | number, unknown>)[keys.at(-1) ?? ''] = value;
  return copy;
}

/** The lists on the way to a leaf, as paths with what their schema asks of their length. */
export function listsAbove({ steps }: Leaf): { leaf: Leaf; minItems: number; maxItems: number }[] {
  const lists: { leaf: Leaf; minItems: number; maxItems: number }[] = [];
  let node = specNode;
  for (const [index, step] of steps.entries()) {
    if (step === ELEMENT) {
      const above = steps.slice(0, index);
      const { minItems = 0, maxItems } = node;
      const leaf = { path: pathOf(above), steps: above, node };
      lists.push({ leaf, minItems: Number(minItems), maxItems: Number(maxItems) });
      node = node.items as SchemaNode;
    } else node = propertiesOf(node)[step] ?? {};
  }
  return lists;
}

/** The value at a leaf, or at a list above one. */
export function valueAt(spec: S3ProxySpecInput, { steps }: Leaf): unknown {
  return steps.reduce<unknown>(
    (node, step) => (node as Record<string | number, unknown>)[step === ELEMENT ? 0 : step],
    spec,
  );
}

/** Whether the schema asks for the leaf where what is around it is there. */
export function isRequired({ steps }: Leaf): boolean {
  const parent = steps
    .slice(0, -1)
    .reduce<SchemaNode>(
      (node, step) => (step === ELEMENT ? (node.items as SchemaNode) : (propertiesOf(node)[step] ?? {})),
      specNode,
    );
  return ((parent.required ?? []) as string[]).includes(steps.at(-1) ?? '');
}

/** Texts that are wrong in some place or other. */
const ODD = [
  '',
  ' ',
  '-a',
  'a-',
  'a b',
  'Ä',
  'UPPER',
  'a\nb',
  'a\r\nX-B: c',
  '"',
  '$(X)',
  '{{x}}',
  '/',
  '..',
  ':',
  '#',
  '%',
  '1',
];

/** Values that the leaf's own schema refuses, each with what it breaks; undefined for none where one is required. */
export function invalidValues(leaf: Leaf): [breaks: string, value: unknown][] {
  const { node } = leaf;
  const found: [string, unknown][] = isRequired(leaf) ? [['required', undefined]] : [];
  found.push(...wrongValues(node));
  const values = node.additionalProperties as SchemaNode | undefined;
  if (values === undefined) return found;
  for (const [breaks, value] of wrongValues(values)) found.push([`${breaks} of a value`, { key: value }]);
  found.push(['pattern of a key', { 'a b': 'x' }], ['length of a key', { ['a'.repeat(64)]: 'x' }]);
  return found;
}

function wrongValues(node: SchemaNode): [breaks: string, value: unknown][] {
  const found: [string, unknown][] = [];
  const { type, pattern, minLength, maxLength, minimum, maximum } = node;
  const isText = type === 'string' || node['x-kubernetes-int-or-string'] === true;
  if (Array.isArray(node.enum)) found.push(['enum', 'Nonsense']);
  found.push(['type', type === 'boolean' || type === 'integer' ? 'x' : type === 'object' ? 'x' : ['x']]);
  if (typeof maxLength === 'number') found.push(['maxLength', 'a'.repeat(maxLength + 1)]);
  if (isText && typeof minLength === 'number' && minLength > 0) found.push(['minLength', '']);
  if (typeof minimum === 'number') found.push(['minimum', minimum - 1]);
  if (typeof maximum === 'number') found.push(['maximum', maximum + 1]);
  if (typeof pattern === 'string') {
    const matches = new RegExp(pattern, 'u');
    for (const text of ODD) if (!matches.test(text)) found.push(['pattern', text]);
  }
  if (typeof node.maxProperties === 'number') {
    const entries = Array.from({ length: node.maxProperties + 1 }, (_, index) => [`key-${index}`, 'x']);
    found.push(['maxProperties', Object.fromEntries(entries)]);
  }
  return found;
}
