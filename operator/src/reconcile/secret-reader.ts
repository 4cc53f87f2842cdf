import { LRUCache } from 'lru-cache';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, keyOf, type ObjectKey, type ObjectMeta, type ObjectRef } from '../kube/objects.ts';
import { SECRET } from '../kube/resource-kind.ts';
import type { Store } from '../kube/store.ts';
import type { Secret } from '../resources/secret.ts';

export interface SecretReader {
  /** Reads a Secret; undefined for one that does not exist. Rejects with ApiError. */
  read(ref: ObjectRef, signal: AbortSignal): Promise<Secret | undefined>;
  /** Version of a Secret as the caches show it; undefined for one that is not there. */
  versionOf(key: ObjectKey): string | undefined;
  /** Takes a Secret as it was just written, so that it need not be read. */
  wrote(secret: Secret): void;
}

/** Secrets kept with their data, the last used ones. Each is at most 1 MiB, and mostly a few hundred bytes. */
const KEPT_SECRETS = 256;

/**
 * A reader that needs one GET for each version of a Secret: the caches of metadata tell when a version is old and that a Secret
 * is missing. So the operator never holds the contents of Secrets that no S3Proxy names.
 */
export function createSecretReader(client: KubeClient, metadata: readonly Store<KubeObject>[]): SecretReader {
  const kept = new LRUCache<string, Secret>({ max: KEPT_SECRETS });
  const knownOf = (key: ObjectKey): ObjectMeta | undefined =>
    metadata.map((store) => store.get(key)).find((object) => object !== undefined)?.metadata;
  return {
    versionOf: (key) => knownOf(key)?.resourceVersion,
    async read(ref, signal) {
      const key = keyOf(ref);
      const known = knownOf(key);
      if (known === undefined) return undefined;
      const before = kept.get(key);
      if (before?.metadata.uid === known.uid && before?.metadata.resourceVersion === known.resourceVersion) {
        return before;
      }
      const secret = await client.find<Secret>(SECRET, ref, { signal });
      if (secret !== undefined) kept.set(key, secret);
      return secret;
    },
    wrote: (secret) => void kept.set(keyOf(secret), secret),
  };
}
