import { describe, expect, it } from 'vitest';
import { type ControllerOptions, createController, TerminalError } from './controller.ts';
import { ApiError } from './errors.ts';
import { createRuntimeMetrics } from './metrics.ts';
import { createObjectStore } from './object-store.ts';
import { type KubeObject, keyOf } from './objects.ts';
import type { Change, Reflector } from './reflector.ts';
import { CONFIG_MAP } from './resource-kind.ts';
import { manualClock, settle } from './testing/manual-clock.ts';

function configMap(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a', labels } };
}

/** A reflector that a test feeds by hand. */
function handFed() {
  const store = createObjectStore<KubeObject>();
  const listeners: ((change: Change<KubeObject>) => void)[] = [];
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  const reflector: Reflector<KubeObject> = {
    kind: CONFIG_MAP,
    store,
    synced: synced.promise,
    hasSynced: () => isSynced,
    subscribe(listener) {
      for (const object of store.list()) listener({ type: 'added', object });
      listeners.push(listener);
      return () => undefined;
    },
    wrote: () => undefined,
    run: async () => undefined,
  };
  return {
    reflector,
    sync() {
      isSynced = true;
      synced.resolve();
    },
    put(object: KubeObject) {
      const previous = store.get(keyOf(object));
      store.set(object);
      const change: Change<KubeObject> =
        previous === undefined ? { type: 'added', object } : { type: 'updated', object, previous };
      for (const listener of listeners) listener(change);
    },
  };
}

async function setUp(options: Partial<ControllerOptions<KubeObject>> = {}) {
  const clock = manualClock();
  const metrics = createRuntimeMetrics();
  const primary = handFed();
  const runs: string[] = [];
  const controller = createController<KubeObject>({
    name: 'c',
    primary: primary.reflector,
    clock,
    random: () => 0.5,
    metrics,
    retryBaseMs: 100,
    async reconcile(key) {
      runs.push(key);
    },
    ...options,
  });
  const stop = new AbortController();
  return { clock, metrics, primary, runs, controller, stop, start: () => controller.run(stop.signal) };
}

describe('the controller', () => {
  it('waits for its caches, then reconciles what they hold', async () => {
    const { primary, runs, start, stop } = await setUp();
    primary.put(configMap('one'));
    const running = start();
    await settle();
    expect(runs).toEqual([]);
    primary.sync();
    await settle();
    expect(runs).toEqual(['a/one']);
    stop.abort();
    await running;
  });

  it('lets a change go first among all that the caches held before it came', async () => {
    const { primary, controller, start, stop, runs } = await setUp({ concurrency: 1 });
    const other = handFed();
    for (const name of ['x', 'y', 'z']) other.put(configMap(name));
    other.sync();
    controller.watch(other.reflector, (object) => [keyOf(object)]);
    for (const name of ['x', 'y', 'z']) primary.put(configMap(name));
    primary.sync();
    other.put(configMap('z', { changed: 'yes' }));
    const done = start();
    await settle();
    expect(runs).toEqual(['a/z', 'a/x', 'a/y']);
    stop.abort();
    await done;
  });

  it('maps changes of other objects to keys, both before and after the change', async () => {
    const { primary, controller, runs, start } = await setUp();
    const other = handFed();
    controller.watch(other.reflector, ({ metadata }) => Object.keys(metadata.labels ?? {}));
    primary.sync();
    other.sync();
    void start();
    other.put(configMap('x', { 'a/one': '' }));
    await settle();
    other.put(configMap('x', { 'a/two': '' }));
    await settle();
    expect(runs).toEqual(['a/one', 'a/two', 'a/one']);
  });

  it('works on several keys at a time and never on one twice', async () => {
    const gates = new Map<string, () => void>();
    let most = 0;
    const { primary, controller, start } = await setUp({
      concurrency: 3,
      reconcile(key) {
        expect(gates.has(key)).toBe(false);
        most = Math.max(most, gates.size + 1);
        return new Promise((resolve) =>
          gates.set(key, () => {
            gates.delete(key);
            resolve(undefined);
          }),
        );
      },
    });
    primary.sync();
    void start();
    await settle();
    for (const key of ['a', 'b', 'c', 'd', 'a']) controller.enqueue(key);
    await settle();
    expect([...gates.keys()]).toEqual(['a', 'b', 'c']);
    controller.enqueue('a');
    gates.get('a')?.();
    await settle();
    expect([...gates.keys()]).toEqual(['b', 'c', 'd']);
    gates.get('b')?.();
    await settle();
    expect([...gates.keys()]).toEqual(['c', 'd', 'a']);
    expect(most).toBe(3);
  });

  it('backs off after errors, waits when the server says so and starts over after a success', async () => {
    let outcome: Error | undefined = new Error('boom');
    const { primary, controller, clock, runs, metrics, start } = await setUp({
      async reconcile(key) {
        runs.push(key);
        if (outcome !== undefined) throw outcome;
      },
    });
    primary.sync();
    void start();
    controller.enqueue('a');
    await settle();
    await clock.advance(74); // 100 ms less a quarter.
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
    outcome = new ApiError('TooManyRequests', 'busy', { status: 429, retryAfterMs: 5000 });
    await clock.advance(150);
    expect(runs).toHaveLength(3);
    outcome = undefined;
    await clock.advance(4999);
    expect(runs).toHaveLength(3);
    await clock.advance(1);
    expect(runs).toHaveLength(4);
    const text = await metrics.registry.metrics();
    expect(text).toContain('controller_runtime_reconcile_total{controller="c",result="error"} 3');
    expect(text).toContain('controller_runtime_reconcile_total{controller="c",result="success"} 1');
    expect(text).toContain('controller_runtime_reconcile_errors_total{controller="c"} 3');
    expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="c"} 8');
    expect(text).toContain('controller_runtime_active_workers{controller="c"} 0');
  });

  it('does not retry a terminal error, but listens', async () => {
    const { primary, clock, runs, start, metrics } = await setUp({
      resyncMs: 0,
      async reconcile(key) {
        runs.push(key);
        throw new TerminalError('no such Secret');
      },
    });
    primary.sync();
    void start();
    primary.put(configMap('one'));
    await clock.advance(3_600_000);
    expect(runs).toHaveLength(1);
    primary.put(configMap('one'));
    await settle();
    expect(runs).toHaveLength(2);
    expect(await metrics.registry.metrics()).toContain(
      'controller_runtime_terminal_reconcile_errors_total{controller="c"} 2',
    );
  });

  it('runs again when asked to, and resyncs existing objects only', async () => {
    let requeueAfterMs: number | undefined = 500;
    const { primary, controller, clock, runs, start } = await setUp({
      resyncMs: 10_000,
      async reconcile(key) {
        runs.push(key);
        return { requeueAfterMs };
      },
    });
    primary.sync();
    void start();
    primary.put(configMap('one'));
    await settle();
    requeueAfterMs = undefined;
    await clock.advance(500);
    expect(runs).toEqual(['a/one', 'a/one']);
    controller.enqueue('a/gone');
    await settle();
    await clock.advance(10_000);
    expect(runs).toEqual(['a/one', 'a/one', 'a/gone', 'a/one']);
  });

  it('takes changes before the runs that were asked for', async () => {
    const finish = Promise.withResolvers<void>();
    const { primary, clock, runs, start } = await setUp({
      concurrency: 1,
      async reconcile(key) {
        runs.push(key);
        if (key === 'a/long') await finish.promise;
        return key === 'a/long' ? undefined : { requeueAfterMs: 500 };
      },
    });
    primary.sync();
    void start();
    for (const name of ['one', 'two', 'long']) primary.put(configMap(name));
    await settle();
    await clock.advance(500);
    primary.put(configMap('new'));
    await settle();
    finish.resolve();
    await settle();
    expect(runs).toEqual(['a/one', 'a/two', 'a/long', 'a/new', 'a/one', 'a/two']);
  });

  it('lets running reconciles finish on stop, within the grace period', async () => {
    const finish = Promise.withResolvers<void>();
    const { primary, controller, start, stop } = await setUp({ reconcile: () => finish.promise });
    primary.sync();
    const running = start();
    await settle();
    controller.enqueue('a');
    controller.enqueue('b');
    await settle();
    stop.abort();
    let ended = false;
    void running.then(() => {
      ended = true;
    });
    await settle();
    expect(ended).toBe(false);
    finish.resolve();
    await running;
  });

  it('aborts them when the grace period is over', async () => {
    const { primary, controller, start, stop, clock } = await setUp({
      gracePeriodMs: 1000,
      reconcile: (_key, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    primary.sync();
    const running = start();
    await settle();
    controller.enqueue('a');
    await settle();
    stop.abort();
    await clock.advance(1000);
    await running;
  });

  it('ends when stopped before its caches are there', async () => {
    const { start, stop } = await setUp();
    const running = start();
    stop.abort();
    await running;
  });
});
