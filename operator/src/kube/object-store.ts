import { type KubeObject, keyOf, type ObjectKey } from './objects.ts';
import type { IndexFunction, Store } from './store.ts';

/** A Store that its reflector fills. */
export interface ObjectStore<T extends KubeObject> extends Store<T> {
  set(object: T): void;
  delete(key: ObjectKey): void;
}

type Index = Map<string, Set<ObjectKey>>;

/** An empty store with the given indexes, which stay right through every `set` and `delete`. */
export function createObjectStore<T extends KubeObject>(
  indexFunctions: Readonly<Record<string, IndexFunction<T>>> = {},
): ObjectStore<T> {
  const objects = new Map<ObjectKey, T>();
  const indexes = new Map<string, { values: IndexFunction<T>; index: Index }>(
    Object.entries(indexFunctions).map(([name, values]) => [name, { values, index: new Map() }]),
  );

  function unindex(key: ObjectKey, object: T): void {
    for (const { values, index } of indexes.values()) {
      for (const value of values(object)) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }

  return {
    get: (key) => objects.get(key),
    list(namespace) {
      const all = [...objects.values()];
      return namespace === undefined
        ? all
        : all.filter(({ metadata }) => (metadata.namespace ?? '') === namespace);
    },
    index(name, value) {
      const found = indexes.get(name);
      if (found === undefined) throw new RangeError(`the store has no index "${name}"`);
      const result: T[] = [];
      for (const key of found.index.get(value) ?? []) {
        const object = objects.get(key);
        if (object !== undefined) result.push(object);
      }
      return result;
    },
    keys: () => objects.keys(),
    get size() {
      return objects.size;
    },
    set(object) {
      const key = keyOf(object);
      const previous = objects.get(key);
      if (previous !== undefined) unindex(key, previous);
      objects.set(key, object);
      for (const { values, index } of indexes.values()) {
        for (const value of values(object)) {
          const keys = index.get(value);
          if (keys === undefined) index.set(value, new Set([key]));
          else keys.add(key);
        }
      }
    },
    delete(key) {
      const previous = objects.get(key);
      if (previous === undefined) return;
      unindex(key, previous);
      objects.delete(key);
    },
  };
}
