import type { KubeObject, ObjectKey } from './objects.ts';

/** A read-only view of a cache. Objects are shared with everyone who reads: never change them. */
export interface Store<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): T[];
  /** Objects for which the index function called `name` gave `value`. Throws RangeError for an index that was not declared. */
  index(name: string, value: string): T[];
  keys(): IterableIterator<ObjectKey>;
  readonly size: number;
}

/** Values under which an object is found, such as the names of Secrets it mentions. Called once for each version. */
export type IndexFunction<T extends KubeObject> = (object: T) => Iterable<string>;
