import { STALLED_REASONS } from '../api/conditions.ts';
import { KIND } from '../api/s3proxy.ts';
import { applyIfChanged } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import { ApiError, isApiError } from '../kube/errors.ts';
import { controllerOf, type KubeObject, keyOf } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-kind.ts';
import type { ChildCache } from './caches.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import type { Obstacle } from './summarise.ts';

export interface ChildChange {
  kind: string;
  name: string;
  change: 'created' | 'updated' | 'deleted';
}

/** Writes an S3Proxy's children during one run, and remembers what it did and what stood in its way. */
export interface ChildApplier {
  readonly changes: readonly ChildChange[];
  readonly obstacles: Obstacle[];
  /** The child as cached, if it is there and ours. */
  find<T extends KubeObject>(kind: ResourceKind, name: string): T | undefined;
  /**
   * Applies the manifest unless the child is as it says. Resolves to the child as it stands then, or to undefined when an obstacle
   * keeps it from being applied. Rejects with ApiError when trying again may help.
   */
  apply<T extends KubeObject>(kind: ResourceKind, manifest: KubeObject): Promise<T | undefined>;
  /** Deletes the child if it is there and ours. */
  remove(kind: ResourceKind, name: string): Promise<void>;
}

export function createChildApplier(
  client: KubeClient,
  cache: ChildCache,
  owner: KubeObject,
  signal: AbortSignal,
): ChildApplier {
  const { namespace } = owner.metadata;
  const changes: ChildChange[] = [];
  const obstacles: Obstacle[] = [];

  function find<T extends KubeObject>(kind: ResourceKind, name: string): T | undefined {
    const cached = cache.find(kind, keyOf({ name, namespace }));
    return cached !== undefined && isOwnedBy(cached, owner) ? (cached as T) : undefined;
  }

  async function apply<T extends KubeObject>(
    kind: ResourceKind,
    manifest: KubeObject,
  ): Promise<T | undefined> {
    const { name } = manifest.metadata;
    const ref = { name, namespace };
    // The caches hold only objects with our label, so "not cached" may still mean "taken by somebody else".
    const live =
      cache.find(kind, keyOf(ref)) ??
      (await client.find<KubeObject>(kind, ref, { signal, metadataOnly: true }));
    if (live !== undefined && !isOwnedBy(live, owner)) {
      obstacles.push(nameConflict(kind, live, owner));
      return undefined;
    }
    try {
      const { outcome, object } = await applyIfChanged<KubeObject>(client, kind, live, manifest, {
        fieldManager: FIELD_MANAGER,
        metadataOnly: cache.isMetadataOnly(kind),
        signal,
      });
      if (outcome !== 'unchanged') {
        changes.push({ kind: kind.kind, name, change: outcome });
        cache.wrote(kind, object);
      }
      return object as T;
    } catch (error) {
      if (!isApiError(error, 'Invalid', 'BadRequest', 'Forbidden', 'TooLarge')) throw error;
      obstacles.push({
        reason: STALLED_REASONS.childRefused,
        message: `The API server refuses ${kind.kind} ${name}: ${error.message}.`,
      });
      return undefined;
    }
  }

  async function remove(kind: ResourceKind, name: string): Promise<void> {
    const cached = find(kind, name);
    if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) return;
    const { uid } = cached.metadata;
    if (await client.delete(kind, { name, namespace }, { preconditions: { uid }, signal })) {
      changes.push({ kind: kind.kind, name, change: 'deleted' });
    }
  }

  return { changes, obstacles, find, apply, remove };
}

/** Whether `owner`, this very incarnation of it, controls `object`. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return owner.metadata.uid !== undefined && controllerOf(object)?.uid === owner.metadata.uid;
}

/**
 * The obstacle that an object with a child's name is.
 * @throws ApiError Conflict when waiting helps: it belongs to a deleted S3Proxy of the same name and is being collected.
 */
function nameConflict(kind: ResourceKind, live: KubeObject, owner: KubeObject): Obstacle {
  const { name } = live.metadata;
  const controller = controllerOf(live);
  if (controller?.kind === KIND && controller.name === owner.metadata.name) {
    throw new ApiError('Conflict', `${kind.kind} ${name} of a deleted ${KIND} is not collected yet`, {
      status: 409,
    });
  }
  const whose =
    controller === undefined
      ? 'was not made by the operator'
      : `belongs to ${controller.kind} ${controller.name}`;
  return {
    reason: STALLED_REASONS.nameConflict,
    message: `${kind.kind} ${name} exists and ${whose}. It is left untouched: delete or rename it, or give the S3Proxy another name.`,
  };
}
