import { describe, expect, it } from 'vitest';
import { type Change, createCacheWriter } from './cache-writer.ts';
import { createObjectStore } from './object-store.ts';
import type { KubeObject } from './objects.ts';

function object(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, uid, resourceVersion } };
}

function setUp() {
  const store = createObjectStore<KubeObject>();
  const told: string[] = [];
  const cache = createCacheWriter(store, ({ type, object: { metadata } }: Change<KubeObject>) => {
    told.push(`${type} ${metadata.name}@${metadata.resourceVersion}`);
  });
  return { store, cache, told };
}

const everything = () => true;

describe('the cache writer', () => {
  it('tells each change once', () => {
    const { cache, told } = setUp();
    cache.put(object('a', '1'));
    cache.put(object('a', '1'));
    cache.put(object('a', '2'));
    cache.remove(object('a', '3'));
    cache.remove(object('a', '3'));
    expect(told).toEqual(['added a@1', 'updated a@2', 'deleted a@2']);
  });

  it('tells a replaced object as gone and come', () => {
    const { cache, told } = setUp();
    cache.put(object('a', '1', 'first'));
    cache.put(object('a', '5', 'second'));
    expect(told).toEqual(['added a@1', 'deleted a@1', 'added a@5']);
  });

  it('removes what a list no longer has, within the scope', () => {
    const { cache, told, store } = setUp();
    cache.put(object('a', '1'));
    cache.put(object('b', '2'));
    cache.put(object('c', '3'));
    cache.sweep(new Set(['a']), '9', ({ metadata }) => metadata.name !== 'c');
    expect([...store.keys()]).toEqual(['a', 'c']);
    expect(told.at(-1)).toBe('deleted b@2');
  });

  describe('with a write put in ahead of the watch', () => {
    it('is silent about it, then and when the watch brings it', () => {
      const { cache, told, store } = setUp();
      cache.put(object('a', '1'));
      cache.putWritten(object('a', '5'));
      expect(store.get('a')?.metadata.resourceVersion).toBe('5');
      cache.put(object('a', '5'));
      expect(told).toEqual(['added a@1']);
    });

    it('does not step back to an older version still on its way', () => {
      const { cache, store } = setUp();
      cache.put(object('a', '1'));
      cache.putWritten(object('a', '5'));
      cache.put(object('a', '4'));
      expect(store.get('a')?.metadata.resourceVersion).toBe('5');
      cache.put(object('a', '6'));
      expect(store.get('a')?.metadata.resourceVersion).toBe('6');
    });

    it('outlives a list from before it, not one from after it', () => {
      const { cache, store } = setUp();
      cache.putWritten(object('a', '5'));
      cache.sweep(new Set(), '4', everything);
      expect(store.size).toBe(1);
      cache.sweep(new Set(), '6', everything);
      expect(store.size).toBe(0);
    });

    it('outlives the deletion of its predecessor', () => {
      const { cache, store } = setUp();
      cache.put(object('a', '1', 'first'));
      cache.putWritten(object('a', '5', 'second'));
      cache.remove(object('a', '3', 'first'));
      expect(store.get('a')?.metadata.uid).toBe('second');
    });

    it('gives way when history starts over', () => {
      const { cache, store } = setUp();
      cache.putWritten(object('a', '500'));
      cache.forgetWritten();
      cache.put(object('a', '7'));
      expect(store.get('a')?.metadata.resourceVersion).toBe('7');
    });
  });
});
