import { S3PROXY } from '../../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../../operator/src/kube/client.ts';
import type { KubeObject } from '../../../operator/src/kube/objects.ts';
import type { ResourceKind } from '../../../operator/src/kube/resource-kind.ts';
import { CHILD_KINDS } from '../../../operator/src/reconcile/caches.ts';

/** The kinds that make up the state of a namespace. */
export const OBSERVED_KINDS: readonly ResourceKind[] = [S3PROXY, ...CHILD_KINDS.map(({ kind }) => kind)];

/** One version of one object, or its end. */
export interface Moment {
  /** Versions of all kinds come from one counter, so moments of several kinds have an order. */
  version: bigint;
  kind: ResourceKind;
  change: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
}

/** Sees every version of every object in every namespace, as the API server tells it. */
export interface Observer {
  /** What happened in a namespace, in the order in which it happened. */
  history(namespace: string): readonly Moment[];
  /** What is there now. */
  objects(namespace: string): KubeObject[];
  find(kind: ResourceKind, namespace: string, name: string): KubeObject | undefined;
  /** Resolves when everything is seen that happened in the namespace so far. */
  catchUp(namespace: string): Promise<void>;
  /** Called after each change in the namespace. */
  subscribe(namespace: string, listener: (moment: Moment) => void): () => void;
  /** Called after each change of an object of the kind, in whichever namespace. */
  subscribeKind(kind: ResourceKind, listener: (moment: Moment) => void): void;
  /** Frees what is remembered of the namespace. */
  forget(namespace: string): void;
  stop(): Promise<void>;
}

/** Longer than any test. */
const WATCH_SECONDS = 7_200;

/** @param lag how late the observer hears of one kind: a loaded machine does so to any of them. For tests of the tests. */
export async function startObserver(
  client: KubeClient,
  lag?: { kind: ResourceKind; ms: number },
): Promise<Observer> {
  const histories = new Map<string, Moment[]>();
  const present = new Map<string, Map<string, KubeObject>>();
  const listeners = new Map<string, Set<(moment: Moment) => void>>();
  const kindListeners: { kind: ResourceKind; listener: (moment: Moment) => void }[] = [];
  const stopped = new AbortController();

  function note(moment: Moment): void {
    const { kind, change, object } = moment;
    const { namespace = '', name } = object.metadata;
    histories.set(namespace, [...(histories.get(namespace) ?? []), moment]);
    const objects = present.get(namespace) ?? new Map<string, KubeObject>();
    present.set(namespace, objects);
    if (change === 'DELETED') objects.delete(`${kind.plural}/${name}`);
    else objects.set(`${kind.plural}/${name}`, object);
    for (const listener of listeners.get(namespace) ?? []) listener(moment);
    for (const each of kindListeners) if (each.kind === kind) each.listener(moment);
  }

  async function watch(kind: ResourceKind, since: string): Promise<void> {
    const { signal } = stopped;
    let resourceVersion = since;
    while (!signal.aborted) {
      const options = { timeoutSeconds: WATCH_SECONDS, idleTimeoutMs: WATCH_SECONDS * 1000, signal };
      for await (const event of client.watch<KubeObject>(kind, { ...options, resourceVersion })) {
        if (event.type === 'BOOKMARK') {
          ({ resourceVersion } = event);
          continue;
        }
        const { type: change, object } = event;
        resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
        const moment = { version: BigInt(resourceVersion), kind, change, object };
        if (kind === lag?.kind) setTimeout(note, lag.ms, moment);
        else note(moment);
      }
    }
  }

  /** Whether the observer knows of a collection's objects at least what a list of it says. */
  async function isCaughtUp(kind: ResourceKind, namespace: string): Promise<boolean> {
    const { items, resourceVersion } = await client.list(kind, { namespace, metadataOnly: true });
    const versionOf = ({ metadata }: KubeObject): bigint => BigInt(metadata.resourceVersion ?? '0');
    const seen = [...(present.get(namespace) ?? [])].filter(([key]) => key.startsWith(`${kind.plural}/`));
    const names = new Set(items.map(({ metadata }) => metadata.name));
    const gone = seen.filter(([, object]) => !names.has(object.metadata.name));
    return (
      gone.every(([, object]) => versionOf(object) > BigInt(resourceVersion)) &&
      items.every((item) => {
        const found = present.get(namespace)?.get(`${kind.plural}/${item.metadata.name}`);
        return found !== undefined && versionOf(found) >= versionOf(item);
      })
    );
  }

  const starts = await Promise.all(
    OBSERVED_KINDS.map(async (kind) => (await client.list(kind)).resourceVersion),
  );
  const running = OBSERVED_KINDS.map((kind, index) =>
    watch(kind, starts[index] ?? '0').catch((error: unknown) => {
      if (!stopped.signal.aborted) throw error;
    }),
  );

  return {
    history: (namespace) =>
      (histories.get(namespace) ?? []).toSorted((a, b) => Number(a.version - b.version)),
    objects: (namespace) => [...(present.get(namespace)?.values() ?? [])],
    find: (kind, namespace, name) => present.get(namespace)?.get(`${kind.plural}/${name}`),
    async catchUp(namespace) {
      await Promise.all(
        OBSERVED_KINDS.map(async (kind) => {
          while (!(await isCaughtUp(kind, namespace))) await new Promise((resolve) => setTimeout(resolve, 5));
        }),
      );
    },
    subscribe(namespace, listener) {
      const those = listeners.get(namespace) ?? new Set();
      listeners.set(namespace, those.add(listener));
      return () => those.delete(listener);
    },
    subscribeKind: (kind, listener) => void kindListeners.push({ kind, listener }),
    forget(namespace) {
      histories.delete(namespace);
      present.delete(namespace);
      listeners.delete(namespace);
    },
    async stop() {
      stopped.abort();
      await Promise.all(running);
    },
  };
}
