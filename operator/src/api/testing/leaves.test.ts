import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { s3proxyObject } from '../../resources/testing/s3proxy.ts';
import { parseS3Proxy } from '../parse.ts';
import type { SchemaNode } from '../structural-schema.ts';
import { invalidValues, leafValues, specLeaves, specsWith, withLeaf } from './leaves.ts';

test.each(specLeaves().map((leaf) => [leaf.path, leaf] as const))(
  '%s: the operator itself refuses what the schema refuses',
  (path, leaf) => {
    const [spec] = fc.sample(specsWith(leaf, fc.oneof(...leafValues(leaf))), 1);
    if (spec === undefined) throw new Error('no spec');
    for (const [breaks, value] of invalidValues(leaf)) {
      const parsed = parseS3Proxy(s3proxyObject(withLeaf(spec, leaf, value)));
      const faults = parsed.ok ? [] : parsed.faults.map((fault) => fault.path);
      expect(
        faults.some((fault) => fault.startsWith(path)),
        `${breaks}: ${JSON.stringify(value)}`,
      ).toBe(true);
    }
  },
);

/** Leaves of the definition whose values are no user's to choose, or are tried elsewhere, each with the reason. */
const NOT_TRIED: Readonly<Record<string, string>> = {
  apiVersion: 'one value, which the API server itself requires',
  kind: 'one value, which the API server itself requires',
  'metadata.name':
    'cannot be changed; crd.test.ts tries names that are refused, builders.test.ts the longest one',
  status: 'written by the operator alone; a status of somebody else is overwritten',
};

test('every leaf of the definition in crds/ is tried, or there is a reason', async () => {
  const file = new URL('../../../../crds/s3proxy.dev_s3proxies.yaml', import.meta.url);
  const definition = parse(await readFile(file, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: SchemaNode } }[] };
  };
  const [version] = definition.spec.versions;
  const leaves = [...leavesOf(version?.schema.openAPIV3Schema ?? {}, '')];
  const tried = new Set(specLeaves().map(({ path }) => path));
  const untried = leaves.filter((path) => !tried.has(path));
  const excused = (path: string): string | undefined =>
    Object.keys(NOT_TRIED).find((name) => path === name || path.startsWith(`${name}.`));
  expect(untried.filter((path) => excused(path) === undefined)).toEqual([]);
  expect(new Set(untried.map(excused))).toEqual(new Set(Object.keys(NOT_TRIED)));
  expect(leaves.filter((path) => tried.has(path))).toHaveLength(tried.size);
});

/** Paths of the leaves of a schema as it stands in the file. */
function* leavesOf(node: SchemaNode, path: string): Generator<string> {
  const properties = Object.entries((node.properties ?? {}) as Record<string, SchemaNode>);
  for (const [name, child] of properties) yield* leavesOf(child, path === '' ? name : `${path}.${name}`);
  if (properties.length > 0) return;
  if (node.items === undefined) yield path;
  else yield* leavesOf(node.items as SchemaNode, `${path}[0]`);
}
