import { isReady, isRestored } from './s3proxies.ts';
import type { Watches } from './watches.ts';

/** Sees when the S3Proxies of a namespace are ready, and their Deployments as they should be. */
export interface Observer {
  /** How many S3Proxies are ready now. */
  readonly ready: number;
  /** When the last S3Proxy became ready, as `performance.now()` has it. */
  readonly lastReadyAt: number;
  /** Whether each of these Deployments, by name with the generation that an edit gave it, is as before. */
  areRestored(edited: ReadonlyMap<string, number>): boolean;
}

export function observe({ s3proxies, deployments }: Watches, namespace: string): Observer {
  const ready = new Set<string>();
  let lastReadyAt = 0;
  s3proxies.subscribe(({ type, object }) => {
    const { name } = object.metadata;
    if (object.metadata.namespace !== namespace) return;
    if (type === 'deleted' || !isReady(object)) {
      ready.delete(name);
    } else if (!ready.has(name)) {
      ready.add(name);
      lastReadyAt = performance.now();
    }
  });
  return {
    get ready() {
      return ready.size;
    },
    get lastReadyAt() {
      return lastReadyAt;
    },
    areRestored(edited) {
      for (const [name, generation] of edited) {
        const deployment = deployments.store.get(`${namespace}/${name}`);
        if (deployment === undefined || !isRestored(deployment, generation)) return false;
      }
      return true;
    },
  };
}
