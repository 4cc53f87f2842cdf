import { LRUCache } from 'lru-cache';
import type { Operation } from '../s3/operation.ts';
import type { KeptObject } from './kept-object.ts';

/**
 * A reader of an object up to this size (bytes) does not count as its user: it holds no more than any other request does, whose bytes wait in
 * a buffer of this size between store and client.
 */
const UNCOUNTED_BYTES = 64 * 1024;

/**
 * The objects in memory; the least recently used ones go first. The limit holds for everything on their account: also for what is still on its way from
 * the store, and for what has left the memory but is still being sent to a slow reader.
 */
export class ObjectMemory {
  readonly #limit: number;
  readonly #objects: LRUCache<string, KeptObject>;
  #bytes = 0;
  /** Bytes that eviction would free: of objects that nobody uses. */
  #idleBytes = 0;

  /** @param limit bytes, one or more */
  constructor(limit: number) {
    this.#limit = limit;
    this.#objects = new LRUCache({ maxSize: limit, dispose: (object) => this.#leave(object) });
  }

  stats(): { objects: number; bytes: number } {
    return { objects: this.#objects.size, bytes: this.#bytes };
  }

  get(key: string): KeptObject | undefined {
    return this.#objects.get(key);
  }

  /** Makes room for so many bytes; false, and nothing changed, when what is in use leaves too little. */
  makeRoom(cost: number): boolean {
    if (this.#bytes - this.#idleBytes + cost > this.#limit) return false;
    while (this.#bytes + cost > this.#limit) this.#objects.pop();
    return true;
  }

  /** Puts an object in, in place of the one with its key. Room has been made for it before it was held for the first time. */
  put(object: KeptObject): void {
    this.#objects.set(object.key, object, { size: object.cost });
    object.inMemory = true;
    if (object.holders === 0) this.#idleBytes += object.cost;
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  /** Counts a user of the object, until `release`. */
  hold(object: KeptObject): void {
    object.holders += 1;
    if (object.holders > 1) return;
    if (object.inMemory) this.#idleBytes -= object.cost;
    else this.#bytes += object.cost;
  }

  release(object: KeptObject): void {
    object.holders -= 1;
    if (object.holders > 0) return;
    if (object.inMemory) this.#idleBytes += object.cost;
    else this.#bytes -= object.cost;
  }

  /** Counts a request as a user of the object for as long as it may have use for its bytes. */
  lend(object: KeptObject, operation: Operation): void {
    if (object.size <= UNCOUNTED_BYTES) return;
    this.hold(object);
    operation.releaseAtEnd(() => this.release(object));
  }

  #leave(object: KeptObject): void {
    object.inMemory = false;
    if (object.holders > 0) return;
    this.#idleBytes -= object.cost;
    this.#bytes -= object.cost;
  }
}
