import { jittered } from './backoff.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isApiError } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { type KubeObject, keyOf, type ObjectKey } from './objects.ts';
import { createQueue } from './queue.ts';
import type { Change, Reflector } from './reflector.ts';

/** Thrown by reconcile when only a change of an object can help: no retry, the key waits for its next event or resync. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ReconcileResult {
  /** Run again after this long even if nothing changes. Absent: only on change or resync. */
  requeueAfterMs?: number | undefined;
}

/** Makes the world match the object named by `key`. `signal` aborts when the grace period at shutdown is over. */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that returns nothing is the usual case
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult | void>;

export interface ControllerOptions<T extends KubeObject> {
  /** Value of the metrics' `controller` and `name` labels. */
  name: string;
  /** The objects to reconcile: their changes are watched, and they are resynced. */
  primary: Reflector<T>;
  reconcile: Reconcile;
  /** Reconciles at a time, each of another key. Default 8. */
  concurrency?: number | undefined;
  /** Each existing object is reconciled again about this long after its last reconcile (± 10 %). Default 10 hours, 0 switches it off. */
  resyncMs?: number | undefined;
  /** How long running reconciles may go on after stop. Default 20 s. */
  gracePeriodMs?: number | undefined;
  /** First and longest delay after a failure. Default 50 ms and 5 minutes. */
  retryBaseMs?: number | undefined;
  retryMaxMs?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
  metrics?: RuntimeMetrics | undefined;
}

export interface Controller {
  /** A further source: `map` names the primary objects that a change concerns. Call before `run`. */
  watch<T extends KubeObject>(
    reflector: Reflector<T>,
    map: (object: T, change: Change<T>) => Iterable<ObjectKey>,
  ): void;
  enqueue(key: ObjectKey): void;
  /** Keys that wait for a worker now. */
  readonly backlog: number;
  /** Waits for all watched reflectors to sync, then works until `signal` aborts. Resolves when the last reconcile ended. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often a start that waits for its caches says so. */
const WAITING_LOG_MS = 15_000;

export function createController<P extends KubeObject>(options: ControllerOptions<P>): Controller {
  const {
    name,
    primary,
    reconcile,
    concurrency = 8,
    resyncMs = 36_000_000,
    gracePeriodMs = 20_000,
  } = options;
  const { clock = systemClock, random = Math.random, logger = silentLogger, metrics } = options;
  const queue = createQueue({
    name,
    clock,
    random,
    metrics,
    baseDelayMs: options.retryBaseMs,
    maxDelayMs: options.retryMaxMs,
  });
  const sources: Pick<Reflector<KubeObject>, 'kind' | 'synced' | 'hasSynced'>[] = [];

  function watch<T extends KubeObject>(
    reflector: Reflector<T>,
    map: (object: T, change: Change<T>) => Iterable<ObjectKey>,
  ): void {
    sources.push(reflector);
    // What the cache holds already is told at once: after another operator's end, that is everything.
    let subscribing = true;
    reflector.subscribe((change) => {
      const isNew = !subscribing && reflector.hasSynced();
      const priority = change.type === 'added' && !isNew ? 'low' : 'normal';
      // As a set: an idle worker takes the first at once, and a second one would make it run twice.
      const keys = new Set(map(change.object, change));
      // An object that moved away from a key (another owner, another reference) concerns its former one too.
      if (change.type === 'updated') for (const key of map(change.previous, change)) keys.add(key);
      for (const key of keys) queue.add(key, priority);
    });
    subscribing = false;
  }

  function failed(key: ObjectKey, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    metrics?.reconcileErrors.inc({ controller: name });
    metrics?.reconciles.inc({ controller: name, result: 'error' });
    if (error instanceof TerminalError) {
      metrics?.terminalErrors.inc({ controller: name });
      queue.forget(key);
      scheduleResync(key);
      logger.warn(
        { controller: name, key, error: message },
        'reconcile cannot go on until something changes',
      );
      return;
    }
    const delay = queue.retry(key, isApiError(error) ? error.retryAfterMs : undefined);
    // Lost races and a server that is away are part of life; anything else deserves its stack.
    const expected = isApiError(error);
    logger[expected ? 'warn' : 'error'](
      {
        controller: name,
        key,
        error: expected || !(error instanceof Error) ? message : error.stack,
        retryInMs: Math.round(delay),
      },
      'reconcile failed',
    );
  }

  function scheduleResync(key: ObjectKey): void {
    if (resyncMs > 0 && primary.store.get(key) !== undefined) {
      queue.addAfter(key, jittered(resyncMs, 0.1, random), 'low');
    }
  }

  async function reconcileOne(key: ObjectKey, abandon: AbortSignal): Promise<void> {
    const started = clock.elapsed();
    metrics?.activeWorkers.inc({ controller: name });
    try {
      const result = await reconcile(key, abandon);
      queue.forget(key);
      const requeueAfterMs = result?.requeueAfterMs;
      metrics?.reconciles.inc({
        controller: name,
        result: requeueAfterMs === undefined ? 'success' : 'requeue_after',
      });
      if (requeueAfterMs === undefined) scheduleResync(key);
      // A look that is due although nothing changed: behind changes, of which somebody waits for the outcome.
      else queue.addAfter(key, requeueAfterMs, 'low');
    } catch (error) {
      if (abandon.aborted) logger.warn({ controller: name, key }, 'reconcile cut short at shutdown');
      else failed(key, error);
    } finally {
      metrics?.activeWorkers.dec({ controller: name });
      metrics?.reconcileSeconds.observe({ controller: name }, (clock.elapsed() - started) / 1000);
      queue.done(key);
    }
  }

  async function worker(abandon: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await reconcileOne(key, abandon);
    }
  }

  /** Returns false when stopped before. */
  async function awaitCaches(signal: AbortSignal): Promise<boolean> {
    const synced = Promise.all(sources.map((source) => source.synced));
    const done = synced.then(() => true);
    while (!signal.aborted) {
      const wake = new AbortController();
      const ready = await Promise.race([
        done,
        sleep(clock, WAITING_LOG_MS, AbortSignal.any([signal, wake.signal])).then(() => false),
      ]);
      wake.abort();
      if (ready) return true;
      const missing = sources.filter((source) => !source.hasSynced()).map(({ kind }) => kind.plural);
      if (!signal.aborted) logger.warn({ controller: name, missing }, 'still waiting for the first lists');
    }
    return false;
  }

  watch(primary, (object) => [keyOf(object)]);

  return {
    watch,
    enqueue: (key) => queue.add(key),
    get backlog() {
      return queue.depth;
    },
    async run(signal) {
      metrics?.maxConcurrentReconciles.set({ controller: name }, concurrency);
      if (!(await awaitCaches(signal))) return queue.stop();
      const abandon = new AbortController();
      let cancelGrace: (() => void) | undefined;
      const stop = () => {
        queue.stop();
        cancelGrace = clock.schedule(gracePeriodMs, () => abandon.abort(new Error('shutting down')));
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      await Promise.all(Array.from({ length: concurrency }, () => worker(abandon.signal)));
      cancelGrace?.();
    },
  };
}
