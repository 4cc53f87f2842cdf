import { describe, expect, it } from 'vitest';
import { createObjectStore } from './object-store.ts';
import type { KubeObject } from './objects.ts';

function secret(name: string, uses: string[] = [], namespace = 'a'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: Object.fromEntries(uses.map((use) => [use, ''])) },
  };
}

const byUse = { use: (object: KubeObject) => Object.keys(object.metadata.labels ?? {}) };
const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort();

describe('the store', () => {
  it('finds by key, namespace and index', () => {
    const store = createObjectStore(byUse);
    store.set(secret('one', ['x', 'y']));
    store.set(secret('two', ['y']));
    store.set(secret('one', ['x'], 'b'));
    expect(store.get('a/one')?.metadata.labels).toEqual({ x: '', y: '' });
    expect(names(store.list('a'))).toEqual(['one', 'two']);
    expect(store.size).toBe(3);
    expect(names(store.index('use', 'y'))).toEqual(['one', 'two']);
    expect(store.index('use', 'z')).toEqual([]);
  });

  it('keeps the index right when objects change and go', () => {
    const store = createObjectStore(byUse);
    store.set(secret('one', ['x']));
    store.set(secret('one', ['y']));
    expect(store.index('use', 'x')).toEqual([]);
    expect(names(store.index('use', 'y'))).toEqual(['one']);
    store.delete('a/one');
    expect(store.index('use', 'y')).toEqual([]);
    expect(store.size).toBe(0);
  });

  it('refuses an index that was not declared', () => {
    expect(() => createObjectStore().index('owner', 'x')).toThrow('no index "owner"');
  });
});
