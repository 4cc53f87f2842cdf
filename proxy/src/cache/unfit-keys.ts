import { LRUCache } from 'lru-cache';

/** How many are remembered, and for how long (milliseconds). An object that has become fit for keeping waits no longer than that. */
const MAX_KEYS = 4_096;
const REMEMBERED_MS = 60_000;

/**
 * Keys whose objects are not for keeping, so that requests for them neither wait for each other nor are looked up (Varnish calls it hit-for-miss).
 */
export class UnfitKeys {
  readonly #now: () => number;
  readonly #seenAt = new LRUCache<string, number>({ max: MAX_KEYS });

  /** @param now monotonic clock, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  has(key: string): boolean {
    const seenAt = this.#seenAt.get(key);
    return seenAt !== undefined && this.#now() - seenAt < REMEMBERED_MS;
  }

  remember(key: string): void {
    this.#seenAt.set(key, this.#now());
  }
}
