import type { Clock } from './clock.ts';
import type { ObjectKey } from './objects.ts';

export interface QueueOptions {
  /** Value of the metrics' `name` label. */
  name: string;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
  /** First retry delay; doubles with each failure in a row. Default 50 ms. */
  baseDelayMs?: number | undefined;
  /** Default 5 minutes. */
  maxDelayMs?: number | undefined;
}

/**
 * Keys to work on. A key is in the queue at most once and with one worker at most once; added while worked on, it is
 * queued again when that work is done.
 */
export interface Queue {
  add(key: ObjectKey): void;
  /** Adds later. Of several delays for one key the earliest wins. */
  addAfter(key: ObjectKey, delayMs: number): void;
  /** Adds after the key's backoff, at least `minDelayMs` from now, and returns the delay in milliseconds. */
  retry(key: ObjectKey, minDelayMs?: number): number;
  /** Forgets the failures of a key. */
  forget(key: ObjectKey): void;
  /** The next key, or undefined once stopped. Each key taken must be given back by `done`. */
  take(): Promise<ObjectKey | undefined>;
  done(key: ObjectKey): void;
  /** No more keys are given out; waiting `take` calls resolve to undefined. */
  stop(): void;
  /** Keys waiting for a worker now (delayed ones not counted). */
  readonly depth: number;
}
