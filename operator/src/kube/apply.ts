import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { KubeClient } from './client.ts';
import { ApiError, isApiError } from './errors.ts';
import type { AnyObject, KubeObject } from './objects.ts';
import { appliedFields, ownsExactly } from './ownership.ts';
import type { ResourceKind } from './resource-kind.ts';

export interface Writer {
  /** Constant for the life of the product: it is what the API server remembers us by. */
  fieldManager: string;
  /** Annotation that holds the hash of the manifest last applied. Default `<fieldManager>/applied-manifest`. */
  hashAnnotation?: string | undefined;
}

export interface ApplyIfChangedOptions extends Writer {
  signal?: AbortSignal | undefined;
  /** Answer with metadata alone. */
  metadataOnly?: boolean | undefined;
  /** Change this version of the object and no other: for manifests that were made from what stands in it. */
  ifVersion?: string | undefined;
}

/**
 * The version of an object that is not there. An apply is refused when it names another version than the one that stands there, and no
 * object ever has the first version of etcd's history: so an apply with it creates, or is refused.
 */
const VERSION_OF_NOTHING = '1';

export interface ApplyOutcome<T extends KubeObject> {
  outcome: 'unchanged' | 'created' | 'updated';
  /** The live object: the cached one when unchanged, else the server's answer. */
  object: T;
}

/** 128 bits of SHA-256 over the manifest's canonical JSON, in hex. */
export function manifestHash(desired: KubeObject): string {
  return hash('sha256', canonicalJson(desired), 'hex').slice(0, 32);
}

/** Hash of the manifest that was applied to `object` last; undefined for one that was never applied. */
export function appliedHash({ metadata }: KubeObject, writer: Writer): string | undefined {
  return metadata.annotations?.[hashAnnotationOf(writer)];
}

function hashAnnotationOf({ fieldManager, hashAnnotation }: Writer): string {
  return hashAnnotation ?? `${fieldManager}/applied-manifest`;
}

/** The manifest with its own hash in an annotation, as it is applied. */
export function withHash(desired: KubeObject, writer: Writer): KubeObject {
  const annotations = { ...desired.metadata.annotations, [hashAnnotationOf(writer)]: manifestHash(desired) };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}

/**
 * Whether applying `desired` would change `live`, of which only the metadata is looked at: another manifest was applied last
 * (the hash), or fields we applied have since been taken over by others (`managedFields`). Values that only others set, and
 * defaults, do not count.
 */
export function differs(desired: KubeObject, live: KubeObject, writer: Writer): boolean {
  return hashedDiffers(withHash(desired, writer), live, writer);
}

function hashedDiffers(hashed: KubeObject, live: KubeObject, writer: Writer): boolean {
  if (appliedHash(live, writer) !== appliedHash(hashed, writer)) return true;
  const owned = appliedFields(live, writer.fieldManager, hashed.apiVersion);
  return owned === undefined || !ownsExactly(owned, hashed);
}

/**
 * Applies `desired` unless `live`, the cached object or undefined, already matches it. An existing object is changed only in
 * the incarnation that `live` is (by uid), and in version `ifVersion` if that is given. Without `live` it is created where nothing
 * is: an object that the cache did not show yet, whoever made it, is left alone.
 * @throws ApiError `Conflict` when something else stands there; TypeError for a Secret's `stringData`, whose removal the API server
 * cannot track.
 */
export async function applyIfChanged<T extends KubeObject = AnyObject>(
  client: KubeClient,
  kind: ResourceKind,
  live: T | undefined,
  desired: KubeObject,
  options: ApplyIfChangedOptions,
): Promise<ApplyOutcome<T>> {
  if ('stringData' in desired)
    throw new TypeError(`Secret ${desired.metadata.name}: use data, not stringData`);
  const hashed = withHash(desired, options);
  if (live !== undefined && !hashedDiffers(hashed, live, options))
    return { outcome: 'unchanged', object: live };
  const precondition =
    live === undefined
      ? { resourceVersion: VERSION_OF_NOTHING }
      : { uid: live.metadata.uid, resourceVersion: options.ifVersion };
  const manifest = { ...hashed, metadata: { ...hashed.metadata, ...precondition } };
  try {
    const object = await client.apply<T>(kind, manifest, {
      fieldManager: options.fieldManager,
      force: live !== undefined,
      signal: options.signal,
      metadataOnly: options.metadataOnly,
    });
    return { outcome: live === undefined ? 'created' : 'updated', object };
  } catch (error) {
    // A uid of a former incarnation is answered as an attempt to change the uid.
    if (isApiError(error, 'Invalid') && error.causes.some(({ field }) => field === 'metadata.uid')) {
      throw new ApiError('Conflict', `${kind.kind} ${desired.metadata.name} was replaced meanwhile`, {
        status: error.status,
        cause: error,
      });
    }
    throw error;
  }
}
