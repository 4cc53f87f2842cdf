import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from './objects.ts';
import { type FieldTree, ownsExactly } from './ownership.ts';

/** A value and the tree that the API server keeps for whoever applied it. */
interface Owned {
  value: unknown;
  tree: FieldTree;
}

const leaf = (value: unknown): Owned => ({ value, tree: {} });
const fieldName = fc.stringMatching(/^[a-z]{1,6}$/);
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean()).map(leaf);
const atomicList = fc
  .array(fc.oneof(fc.string(), fc.record({ a: fc.integer() })), { maxLength: 3 })
  .map(leaf);
const atomicMap = fc.dictionary(fieldName, fc.string(), { maxKeys: 3 }).map(leaf);
const setList = fc.uniqueArray(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 3 }).map(
  (value): Owned => ({
    value,
    tree: Object.fromEntries(value.map((each) => [`v:${JSON.stringify(each)}`, {}])),
  }),
);

function mapOf(members: Record<string, Owned>): Owned {
  const entries = Object.entries(members);
  return {
    value: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    tree: Object.fromEntries(entries.map(([name, { tree }]) => [`f:${name}`, tree])),
  };
}

/** A list keyed by `name`, and by `protocol`, which the server fills in where it is left out. */
function listOf(elements: { key: string; protocol: 'TCP' | 'UDP'; stated: boolean; rest: Owned }[]): Owned {
  const members = elements.map(({ key, protocol, stated, rest }) => {
    const own = mapOf({ name: leaf(key), ...(stated ? { protocol: leaf(protocol) } : {}), rest });
    const path = `k:${JSON.stringify({ name: key, protocol })}`;
    return { value: own.value, path, tree: { '.': {}, ...own.tree } };
  });
  return {
    value: members.map(({ value }) => value),
    tree: Object.fromEntries(members.map(({ path, tree }) => [path, tree]).sort()),
  };
}

const { owned } = fc.letrec<{ owned: Owned; map: Owned; list: Owned }>((tie) => ({
  owned: fc.oneof({ depthSize: 'small' }, scalar, atomicList, atomicMap, setList, tie('map'), tie('list')),
  map: fc.dictionary(fieldName, tie('owned'), { minKeys: 1, maxKeys: 4 }).map(mapOf),
  list: fc
    .uniqueArray(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        // TCP is the default, so only TCP may be left out.
        port: fc.constantFrom(
          { protocol: 'TCP', stated: true } as const,
          { protocol: 'TCP', stated: false } as const,
          { protocol: 'UDP', stated: true } as const,
        ),
        rest: tie('owned'),
      }),
      { minLength: 1, maxLength: 4, selector: ({ key, port }) => key + port.protocol },
    )
    .map((elements) => listOf(elements.map(({ key, port, rest }) => ({ key, ...port, rest })))),
}));

function manifest(spec: unknown): KubeObject & { spec: unknown } {
  return {
    apiVersion: 'x/v1',
    kind: 'X',
    metadata: { name: 'n', namespace: 'a', uid: 'u', labels: { l: '1' } },
    spec,
  };
}

const ownsSpec = (tree: FieldTree, spec: unknown) =>
  ownsExactly({ 'f:metadata': { 'f:labels': { 'f:l': {} } }, 'f:spec': tree }, manifest(spec));

/** Every tree that lacks one leaf, with the parents that this empties, as the server prunes them. */
function* withoutOneLeaf(tree: FieldTree): Generator<FieldTree | undefined> {
  const paths = Object.keys(tree).filter((path) => path !== '.');
  if (paths.length === 0) yield undefined;
  for (const path of paths) {
    for (const child of withoutOneLeaf(tree[path] ?? {})) {
      const { [path]: _dropped, ...others } = tree;
      const rest = child === undefined ? others : { ...others, [path]: child };
      yield Object.keys(rest).length === 0 ? undefined : rest;
    }
  }
}

describe('ownsExactly', () => {
  it('finds what was applied in the tree kept for it', () => {
    fc.assert(
      fc.property(owned, ({ value, tree }) => {
        expect(ownsSpec(tree, value)).toBe(true);
      }),
    );
  });

  it('notices each field that somebody else took over', () => {
    fc.assert(
      fc.property(owned, ({ value, tree }) => {
        for (const rest of withoutOneLeaf(tree)) {
          if (rest === undefined) {
            expect(ownsExactly({ 'f:metadata': { 'f:labels': { 'f:l': {} } } }, manifest(value))).toBe(false);
          } else expect(ownsSpec(rest, value)).toBe(false);
        }
      }),
    );
  });

  it('notices a field that is no longer wanted', () => {
    fc.assert(
      fc.property(owned, fieldName, owned, (kept, name, dropped) => {
        const both = mapOf({ kept, [`x${name}`]: dropped });
        expect(ownsSpec(both.tree, { kept: kept.value })).toBe(false);
      }),
    );
  });

  it('pays no heed to order, undefined members, nulls, status and untracked metadata', () => {
    const tree = { 'f:a': {}, 'f:b': {} };
    expect(ownsSpec(tree, { b: 1, a: 2, c: undefined, d: null })).toBe(true);
    const object = { ...manifest({ a: 1, b: 2 }), status: { ready: true } };
    expect(ownsExactly({ 'f:metadata': { 'f:labels': { 'f:l': {} } }, 'f:spec': tree }, object)).toBe(true);
  });

  it('tells a list element whose key was filled in from one that states it', () => {
    const tree = {
      'k:{"containerPort":53,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
      'k:{"containerPort":53,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
    };
    const [tcp, udp] = [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }];
    expect(ownsSpec(tree, [tcp, udp])).toBe(true);
    expect(ownsSpec(tree, [udp, tcp])).toBe(true);
    expect(ownsSpec(tree, [udp])).toBe(false);
  });

  it('does not take an element of which only the shell is left for one that is owned whole', () => {
    expect(ownsSpec({ 'k:{"name":"c"}': { '.': {} } }, [{ name: 'c', image: 'x' }])).toBe(false);
  });

  it('knows an object without any tracked field', () => {
    const bare = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'n' } };
    expect(ownsExactly({}, bare)).toBe(true);
    expect(ownsExactly({ 'f:secrets': {} }, bare)).toBe(false);
    expect(ownsExactly({}, manifest(1))).toBe(false);
  });
});
