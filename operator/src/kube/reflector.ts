import type { KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { KubeObject } from './objects.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { IndexFunction, Store } from './store.ts';

/** How the cached state of one object moved. A replaced object (same name, other uid) comes as deleted, then added. */
export type Change<T extends KubeObject> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; previous: T }
  | { type: 'deleted'; object: T };

export interface ReflectorOptions<T extends KubeObject> {
  client: KubeClient;
  kind: ResourceKind;
  /** Absent: all namespaces, one watch. Otherwise one watch for each. */
  namespaces?: readonly string[] | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly?: boolean | undefined;
  /** Trims what is kept. By default `metadata.managedFields` is dropped. May change its argument. */
  transform?: ((object: T) => T) | undefined;
  indexes?: Readonly<Record<string, IndexFunction<T>>> | undefined;
  /** Items in a page of the list. Default 500. */
  pageSize?: number | undefined;
  /** Default 290: below the API server's usual 5 to 10 minutes. */
  watchTimeoutSeconds?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
}

/** Keeps a store equal to a collection in the API server: list, then watch, for ever. */
export interface Reflector<T extends KubeObject> {
  readonly kind: ResourceKind;
  readonly store: Store<T>;
  /** Resolves when the first list is in the store. Rejects only when stopped before. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** Called in order, synchronously, after the store has the change. Objects already there are delivered as added at once. */
  subscribe(listener: (change: Change<T>) => void): () => void;
  /** Runs until `signal` aborts, then resolves. Never rejects: failures are logged and retried. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

export declare function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T>;
