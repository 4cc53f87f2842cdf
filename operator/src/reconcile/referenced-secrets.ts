import { LRUCache } from 'lru-cache';
import type { KubeClient } from '../kube/client.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../kube/objects.ts';
import { SECRET } from '../kube/resource-kind.ts';
import type { Store } from '../kube/store.ts';

/** A Secret with its data, base64 as in JSON. */
export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

/** Reads Secrets that others own; undefined for one that does not exist. Rejects with ApiError. */
export type SecretReader = (ref: ObjectRef, signal: AbortSignal) => Promise<Secret | undefined>;

/** Secrets kept with their data. A tenant has few, and each is at most 1 MiB. */
const KEPT_SECRETS = 256;

/**
 * A reader that needs one GET for each version of a Secret: `metadata`, the cache of all Secrets' metadata, tells when a
 * version is old and that a Secret is missing. So the operator never holds the contents of Secrets that no S3Proxy names.
 */
export function createSecretReader(client: KubeClient, metadata: Store<KubeObject>): SecretReader {
  const kept = new LRUCache<string, Secret>({ max: KEPT_SECRETS });
  return async (ref, signal) => {
    const key = keyOf(ref);
    const known = metadata.get(key)?.metadata;
    if (known === undefined) return undefined;
    const before = kept.get(key);
    if (before?.metadata.uid === known.uid && before?.metadata.resourceVersion === known.resourceVersion) {
      return before;
    }
    const secret = await client.find<Secret>(SECRET, ref, { signal });
    if (secret !== undefined) kept.set(key, secret);
    return secret;
  };
}
