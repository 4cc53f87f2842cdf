import { backoffMs, jittered } from './backoff.ts';
import { type Change, createCacheWriter } from './cache-writer.ts';
import type { KubeClient, Selection } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isApiError } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { createObjectStore } from './object-store.ts';
import { type KubeObject, keyOf, type ObjectKey } from './objects.ts';
import type { ResourceKind } from './resource-kind.ts';
import { isNewer } from './resource-version.ts';
import type { IndexFunction, Store } from './store.ts';

export interface ReflectorOptions<T extends KubeObject> {
  client: KubeClient;
  kind: ResourceKind;
  /** Absent: all namespaces, one watch. Otherwise one watch for each. */
  namespaces?: readonly string[] | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
  /** Trims what is kept (see `trim`). May change its argument. By default everything is kept. */
  transform?: ((object: T) => T) | undefined;
  indexes?: Readonly<Record<string, IndexFunction<T>>> | undefined;
  /** A kind the server does not serve counts as an empty collection; looked for again every minute. */
  absentIsEmpty?: boolean | undefined;
  /** Items in a page of the list. Default 500. */
  pageSize?: number | undefined;
  /** How long a watch lasts before it is started anew where it ended, ± 10 %. Default 280. */
  watchTimeoutSeconds?: number | undefined;
  /**
   * A watch this silent is cut and resumed. Default 130 s: the API server sends a bookmark every minute or so, thus a network that
   * swallows packets is noticed. Without bookmarks this only costs a new request.
   */
  idleTimeoutMs?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
  metrics?: RuntimeMetrics | undefined;
}

/** Keeps a store equal to a collection in the API server: list, then watch, for ever. */
export interface Reflector<T extends KubeObject> {
  readonly kind: ResourceKind;
  readonly store: Store<T>;
  /** Resolves when the first list is in the store. Stays pending when stopped before. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** Called in order, synchronously, after the store has the change. Objects already there are delivered as added at once. */
  subscribe(listener: (change: Change<T>) => void): () => void;
  /**
   * Puts a write's answer into the store ahead of the watch, so that the next read sees it. Subscribers are not told, neither now nor
   * when the watch brings the same version. Ignored when the watch is already past it.
   */
  wrote(object: T): void;
  /** Runs until `signal` aborts, then resolves. Never rejects: failures are logged and retried. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

const BACKOFF = { baseMs: 200, maxMs: 10_000 };
const ABSENT_RETRY_MS = 60_000;
/** A watch that lasted this long worked, even if it brought nothing. */
const HEALTHY_WATCH_MS = 10_000;

/** One namespace, or all of them, with its own place in the server's history. */
interface Scope {
  readonly namespace: string | undefined;
  /** Undefined: list first. */
  version: string | undefined;
  synced: boolean;
}

/** Whether a watch cannot be resumed where it broke off: its start is too old, or (after a restored backup) too new. */
function mustRelist(error: unknown): boolean {
  return isApiError(error, 'Gone') || isFromTheFuture(error);
}

function isFromTheFuture(error: unknown): boolean {
  return (
    isApiError(error, 'Timeout') && error.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge')
  );
}

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const {
    client,
    kind,
    transform,
    pageSize = 500,
    watchTimeoutSeconds = 280,
    idleTimeoutMs = 130_000,
  } = options;
  const { clock = systemClock, random = Math.random, logger = silentLogger, metrics } = options;
  const resource = kind.plural;
  const store = createObjectStore(options.indexes);
  const listeners = new Set<(change: Change<T>) => void>();
  const scopes: Scope[] = (options.namespaces ?? [undefined]).map((namespace) => ({
    namespace,
    version: undefined,
    synced: false,
  }));
  const synced = Promise.withResolvers<void>();

  const cache = createCacheWriter(store, (change) => {
    metrics?.cachedObjects.set({ resource }, store.size);
    for (const listener of listeners) tell(listener, change);
  });

  function tell(listener: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      logger.error({ resource, error: error instanceof Error ? error.stack : error }, 'a subscriber failed');
    }
  }

  function selection(scope: Scope): Selection & { metadataOnly: boolean | undefined } {
    return {
      namespace: scope.namespace,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      metadataOnly: options.metadataOnly,
    };
  }

  const trimmed = (object: T): T => (transform === undefined ? object : transform(object));

  const covers = (scope: Scope, object: T): boolean =>
    scope.namespace === undefined || scope.namespace === object.metadata.namespace;

  function markSynced(scope: Scope): void {
    scope.synced = true;
    if (scopes.every((each) => each.synced)) synced.resolve();
  }

  /** Lists page by page, so that no more than one page is held beside the store. */
  async function relist(scope: Scope, signal: AbortSignal): Promise<void> {
    const listed = new Set<ObjectKey>();
    let version = '';
    let next: string | undefined;
    do {
      const page = await client.listPage<T>(kind, {
        ...selection(scope),
        limit: pageSize,
        continue: next,
        signal,
      });
      for (const item of page.items) {
        listed.add(keyOf(item));
        cache.put(trimmed(item));
      }
      version = page.resourceVersion;
      next = page.continue;
    } while (next !== undefined);
    cache.sweep(listed, version, (object) => covers(scope, object));
    scope.version = version;
    markSynced(scope);
  }

  /** Follows the collection until the watch ends. Returns whether it did anything that shows that the server is well. */
  async function watch(scope: Scope, resourceVersion: string, signal: AbortSignal): Promise<boolean> {
    const started = clock.elapsed();
    let heard = false;
    const events = client.watch<T>(kind, {
      ...selection(scope),
      resourceVersion,
      timeoutSeconds: Math.ceil(jittered(watchTimeoutSeconds, 0.1, random)),
      idleTimeoutMs,
      signal,
    });
    for await (const event of events) {
      heard = true;
      if (event.type === 'BOOKMARK') {
        scope.version = event.resourceVersion;
        continue;
      }
      const { resourceVersion: seen } = event.object.metadata;
      if (seen !== undefined) scope.version = seen;
      const object = trimmed(event.object);
      if (event.type === 'DELETED') cache.remove(object);
      else cache.put(object);
    }
    return heard || clock.elapsed() - started >= HEALTHY_WATCH_MS;
  }

  async function follow(scope: Scope, signal: AbortSignal): Promise<void> {
    let failures = 0;
    let lastMessage: string | undefined;
    const log = { resource, namespace: scope.namespace };
    while (!signal.aborted) {
      let delay = 0;
      const before = scope.version;
      try {
        if (before === undefined) await relist(scope, signal);
        else {
          const well = await watch(scope, before, signal);
          metrics?.watchRestarts.inc({ resource, cause: 'ended' });
          if (!well) delay = backoffMs(failures++, { ...BACKOFF, random });
          else failures = 0;
        }
        if (lastMessage !== undefined && delay === 0) {
          logger.info(log, 'watching again');
          lastMessage = undefined;
        }
      } catch (error) {
        if (signal.aborted) return;
        // Progress since the last failure means that this is a new trouble.
        if (before !== undefined && scope.version !== before) failures = 0;
        const relisting = mustRelist(error);
        if (relisting) scope.version = undefined;
        if (isFromTheFuture(error)) cache.forgetWritten();
        metrics?.watchRestarts.inc({ resource, cause: relisting ? 'relist' : 'error' });
        delay = backoffMs(failures++, { ...BACKOFF, random });
        if (isApiError(error)) delay = Math.max(delay, error.retryAfterMs ?? 0);
        if (options.absentIsEmpty === true && isApiError(error, 'NotFound')) {
          cache.sweep(new Set(), '', (object) => covers(scope, object));
          scope.version = undefined;
          markSynced(scope);
          delay = jittered(ABSENT_RETRY_MS, 0.1, random);
          failures = 0;
        } else if (!relisting) {
          const message = error instanceof Error ? error.message : String(error);
          const level = message === lastMessage ? 'debug' : 'warn';
          logger[level]({ ...log, error: message, retryInMs: Math.round(delay) }, 'cannot watch');
          lastMessage = message;
        }
      }
      if (delay > 0) await sleep(clock, delay, signal);
    }
  }

  return {
    kind,
    store,
    synced: synced.promise,
    hasSynced: () => scopes.every((scope) => scope.synced),
    subscribe(listener) {
      for (const object of store.list()) tell(listener, { type: 'added', object });
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wrote(object) {
      const scope = scopes.find((each) => covers(each, object));
      if (scope !== undefined && isNewer(object.metadata.resourceVersion, scope.version)) {
        cache.putWritten(trimmed(object));
      }
    },
    async run(signal) {
      await Promise.all(scopes.map((scope) => follow(scope, signal)));
    },
  };
}

export type { Change } from './cache-writer.ts';
