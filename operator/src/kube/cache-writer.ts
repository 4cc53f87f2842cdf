import type { ObjectStore } from './object-store.ts';
import { type KubeObject, keyOf, type ObjectKey } from './objects.ts';
import { isNewer } from './resource-version.ts';

/** How the cached state of one object moved. A replaced object (same name, other uid) comes as deleted, then added. */
export type Change<T extends KubeObject> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; previous: T }
  | { type: 'deleted'; object: T };

/**
 * Turns what a list or a watch says into changes of a store: each real change once, in the server's order, although our own
 * writes may be put in ahead of the watch.
 */
export interface CacheWriter<T extends KubeObject> {
  /** An object as listed or watched. */
  put(object: T): void;
  /** A watched deletion. */
  remove(object: T): void;
  /** A write's answer, newer than everything watched so far. Not passed to `notify`: the writer knows. */
  putWritten(object: T): void;
  /** After a list at `version`: removes what `inScope` and not in `listed`. */
  sweep(listed: ReadonlySet<ObjectKey>, version: string, inScope: (object: T) => boolean): void;
  /** Forgets which objects were written ahead: the server's history started over. */
  forgetWritten(): void;
}

export function createCacheWriter<T extends KubeObject>(
  store: ObjectStore<T>,
  notify: (change: Change<T>) => void,
): CacheWriter<T> {
  /** Objects that stand in the store ahead of the watch, with the version written. */
  const ahead = new Map<ObjectKey, string>();

  function drop(key: ObjectKey, object: T): void {
    store.delete(key);
    ahead.delete(key);
    notify({ type: 'deleted', object });
  }

  return {
    put(object) {
      const key = keyOf(object);
      const { uid, resourceVersion } = object.metadata;
      const written = ahead.get(key);
      if (written !== undefined) {
        if (isNewer(written, resourceVersion)) return;
        ahead.delete(key);
      }
      const previous = store.get(key);
      if (previous === undefined) {
        store.set(object);
        notify({ type: 'added', object });
      } else if (previous.metadata.uid !== uid) {
        drop(key, previous);
        store.set(object);
        notify({ type: 'added', object });
      } else if (previous.metadata.resourceVersion !== resourceVersion) {
        store.set(object);
        notify({ type: 'updated', object, previous });
      }
    },
    remove(object) {
      const key = keyOf(object);
      const previous = store.get(key);
      // Another uid is a later incarnation, written ahead of this deletion.
      if (previous !== undefined && previous.metadata.uid === object.metadata.uid) drop(key, previous);
    },
    putWritten(object) {
      const key = keyOf(object);
      const { resourceVersion } = object.metadata;
      if (resourceVersion === undefined || isNewer(ahead.get(key), resourceVersion)) return;
      ahead.set(key, resourceVersion);
      store.set(object);
    },
    sweep(listed, version, inScope) {
      for (const key of [...store.keys()]) {
        if (listed.has(key) || isNewer(ahead.get(key), version)) continue;
        const object = store.get(key);
        if (object !== undefined && inScope(object)) drop(key, object);
      }
    },
    forgetWritten: () => ahead.clear(),
  };
}
