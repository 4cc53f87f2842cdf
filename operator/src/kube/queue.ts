import { backoffMs } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { ObjectKey } from './objects.ts';

export interface QueueOptions {
  /** Value of the metrics' `name` label. */
  name: string;
  /** First retry delay; doubles with each failure in a row, less a random share of up to a half. Default 50 ms. */
  baseDelayMs?: number | undefined;
  /** Default 5 minutes. */
  maxDelayMs?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  metrics?: RuntimeMetrics | undefined;
}

/** `low` keys (first lists, resyncs, looks asked for) wait until no `normal` one is left, so that a fresh change need not queue behind thousands. */
export type Priority = 'normal' | 'low';

/**
 * Keys to work on. A key is in the queue at most once and with one worker at most once; added while worked on, it is
 * queued again when that work is done.
 */
export interface Queue {
  add(key: ObjectKey, priority?: Priority): void;
  /** Adds later. A later call for the same key replaces an earlier one that is not yet due. */
  addAfter(key: ObjectKey, delayMs: number, priority?: Priority): void;
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

export function createQueue(options: QueueOptions): Queue {
  const { name, baseDelayMs = 50, maxDelayMs = 300_000 } = options;
  const { clock = systemClock, random = Math.random, metrics } = options;
  /** Waiting keys and since when, oldest first. */
  const waiting: Record<Priority, Map<ObjectKey, number>> = { normal: new Map(), low: new Map() };
  /** Keys with a worker, and since when. */
  const working = new Map<ObjectKey, number>();
  /** Keys added while with a worker. */
  const again = new Map<ObjectKey, Priority>();
  const delayed = new Map<ObjectKey, () => void>();
  const failures = new Map<ObjectKey, number>();
  const takers: ((key: ObjectKey | undefined) => void)[] = [];
  let stopped = false;

  metrics?.samplers.add(() => {
    let sum = 0;
    let longest = 0;
    for (const since of working.values()) {
      const seconds = (clock.elapsed() - since) / 1000;
      sum += seconds;
      longest = Math.max(longest, seconds);
    }
    metrics.unfinishedWorkSeconds.set({ name }, sum);
    metrics.longestRunningSeconds.set({ name }, longest);
    metrics.queueDepth.set({ name }, waiting.normal.size + waiting.low.size);
  });

  /** Takes the oldest waiting key off, normal ones first, and marks it as worked on. */
  function next(): ObjectKey | undefined {
    for (const lane of [waiting.normal, waiting.low]) {
      for (const [key, since] of lane) {
        lane.delete(key);
        const now = clock.elapsed();
        working.set(key, now);
        metrics?.queueSeconds.observe({ name }, (now - since) / 1000);
        return key;
      }
    }
    return undefined;
  }

  function enqueue(key: ObjectKey, priority: Priority): void {
    if (stopped || waiting.normal.has(key)) return;
    if (working.has(key)) {
      if (again.get(key) !== 'normal') again.set(key, priority);
      return;
    }
    const since = waiting.low.get(key);
    if (since !== undefined) {
      if (priority === 'low') return;
      waiting.low.delete(key);
    }
    metrics?.queueAdds.inc({ name });
    waiting[priority].set(key, since ?? clock.elapsed());
    takers.shift()?.(next());
  }

  function cancelDelayed(key: ObjectKey): void {
    delayed.get(key)?.();
    delayed.delete(key);
  }

  function addAfter(key: ObjectKey, delayMs: number, priority: Priority = 'normal'): void {
    cancelDelayed(key);
    if (stopped) return;
    if (delayMs <= 0) {
      enqueue(key, priority);
      return;
    }
    const cancel = clock.schedule(delayMs, () => {
      delayed.delete(key);
      enqueue(key, priority);
    });
    delayed.set(key, cancel);
  }

  return {
    add: (key, priority = 'normal') => enqueue(key, priority),
    addAfter,
    retry(key, minDelayMs = 0) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      const delay = Math.max(
        minDelayMs,
        backoffMs(count, { baseMs: baseDelayMs, maxMs: maxDelayMs, random }),
      );
      metrics?.queueRetries.inc({ name });
      addAfter(key, delay);
      return delay;
    },
    forget(key) {
      failures.delete(key);
    },
    async take() {
      if (stopped) return undefined;
      return next() ?? new Promise((resolve) => takers.push(resolve));
    },
    done(key) {
      const since = working.get(key);
      if (since === undefined) throw new Error(`${key} is not being worked on`);
      working.delete(key);
      metrics?.workSeconds.observe({ name }, (clock.elapsed() - since) / 1000);
      const priority = again.get(key);
      again.delete(key);
      if (priority !== undefined) enqueue(key, priority);
    },
    stop() {
      stopped = true;
      for (const cancel of delayed.values()) cancel();
      delayed.clear();
      for (const lane of Object.values(waiting)) lane.clear();
      again.clear();
      for (const taker of takers.splice(0)) taker(undefined);
    },
    get depth() {
      return waiting.normal.size + waiting.low.size;
    },
  };
}
