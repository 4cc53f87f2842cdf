import { STALLED_REASONS } from '../api/conditions.ts';
import { KIND } from '../api/s3proxy.ts';
import { applyIfChanged } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import { ApiError, isApiError } from '../kube/errors.ts';
import { controllerOf, type KubeObject, keyOf } from '../kube/objects.ts';
import { type ResourceKind, SECRET } from '../kube/resource-kind.ts';
import type { Secret } from '../resources/secret.ts';
import type { ChildCache } from './caches.ts';
import { FIELD_MANAGER, FORMER_FIELD_MANAGER } from './field-manager.ts';
import type { SecretReader } from './secret-reader.ts';
import { sentence } from './sentence.ts';
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
  /** Versions, by name, of the Secrets that were written. */
  readonly writtenSecrets: ReadonlyMap<string, string | undefined>;
  /** The child as cached, if it is there and ours. */
  find<T extends KubeObject>(kind: ResourceKind, name: string): T | undefined;
  /**
   * Applies the manifest unless the child is as it says. Resolves to the child as it stands then, or to undefined when an obstacle
   * keeps it from being applied. Rejects with ApiError when trying again may help.
   */
  apply<T extends KubeObject>(kind: ResourceKind, manifest: KubeObject): Promise<T | undefined>;
  /**
   * Applies a Secret that is made of what stands in it, such as a password that stays. It replaces what it was made of and nothing
   * else: a Secret that the cache does not show yet is read, and made again from. Resolves to the Secret with its data, or to undefined
   * when `make` gives nothing or an obstacle keeps it from being applied.
   */
  keep(
    name: string,
    make: (existing: Secret | undefined) => Promise<Secret | undefined>,
  ): Promise<Secret | undefined>;
  /**
   * Has `fields` of a child as it stands stay when the next manifest leaves them out: they are applied once more, by a field manager
   * of their own, which is nobody's competitor.
   */
  leave(kind: ResourceKind, live: KubeObject, fields: object): Promise<void>;
  /** Deletes the child if it is there and ours. */
  remove(kind: ResourceKind, name: string): Promise<void>;
}

export interface ChildApplierOptions {
  client: KubeClient;
  cache: ChildCache;
  secrets: SecretReader;
  owner: KubeObject;
  signal: AbortSignal;
}

export function createChildApplier({
  client,
  cache,
  secrets,
  owner,
  signal,
}: ChildApplierOptions): ChildApplier {
  const { namespace } = owner.metadata;
  const changes: ChildChange[] = [];
  const obstacles: Obstacle[] = [];
  const writtenSecrets = new Map<string, string | undefined>();

  function find<T extends KubeObject>(kind: ResourceKind, name: string): T | undefined {
    const cached = cache.find(kind, keyOf({ name, namespace }));
    return cached !== undefined && isOwnedBy(cached, owner) ? (cached as T) : undefined;
  }

  /** Whether an object may be written. If not, it is an obstacle. */
  function isFree(kind: ResourceKind, there: KubeObject | undefined): boolean {
    if (there === undefined || isOwnedBy(there, owner)) return true;
    obstacles.push(nameConflict(kind, there, owner));
    return false;
  }

  /** Applies over `live`, or where nothing is. */
  async function write<T extends KubeObject>(
    kind: ResourceKind,
    live: KubeObject | undefined,
    manifest: KubeObject,
    ifVersion?: string,
  ): Promise<T | undefined> {
    try {
      const { outcome, object } = await applyIfChanged<KubeObject>(client, kind, live, manifest, {
        fieldManager: FIELD_MANAGER,
        metadataOnly: cache.isMetadataOnly(kind),
        ifVersion,
        signal,
      });
      if (outcome !== 'unchanged') {
        changes.push({ kind: kind.kind, name: manifest.metadata.name, change: outcome });
        cache.wrote(kind, object);
        if (kind === SECRET) writtenSecrets.set(object.metadata.name, object.metadata.resourceVersion);
      }
      return object as T;
    } catch (error) {
      if (!isApiError(error, 'Invalid', 'BadRequest', 'Forbidden', 'TooLarge')) throw error;
      obstacles.push({
        reason: STALLED_REASONS.childRefused,
        message: `The API server refuses ${kind.kind} ${manifest.metadata.name}: ${sentence(error.message)} Change the spec so that it is taken, or what refuses it: an admission webhook, a quota, the operator's roles.`,
      });
      return undefined;
    }
  }

  /** Applies where the cache shows nothing; undefined when something is there nevertheless: not ours, not labelled, or very new. */
  async function create<T extends KubeObject>(
    kind: ResourceKind,
    manifest: KubeObject,
  ): Promise<{ object: T | undefined } | undefined> {
    try {
      return { object: await write<T>(kind, undefined, manifest) };
    } catch (error) {
      if (isApiError(error, 'Conflict')) return undefined;
      throw error;
    }
  }

  async function apply<T extends KubeObject>(
    kind: ResourceKind,
    manifest: KubeObject,
  ): Promise<T | undefined> {
    const ref = { name: manifest.metadata.name, namespace };
    let live = cache.find(kind, keyOf(ref));
    if (live === undefined) {
      const created = await create<T>(kind, manifest);
      if (created !== undefined) return created.object;
      live = await client.get(kind, ref, { signal, metadataOnly: cache.isMetadataOnly(kind) });
    }
    return isFree(kind, live) ? write<T>(kind, live, manifest) : undefined;
  }

  async function keep(
    name: string,
    make: (existing: Secret | undefined) => Promise<Secret | undefined>,
  ): Promise<Secret | undefined> {
    const ref = { name, namespace };
    const withData = (manifest: Secret, live: KubeObject | undefined): Secret | undefined => {
      const secret = live && { ...manifest, metadata: live.metadata };
      if (secret !== undefined) secrets.wrote(secret);
      return secret;
    };
    const cached = cache.find(SECRET, keyOf(ref));
    if (!isFree(SECRET, cached)) return undefined;
    let existing = cached && (await secrets.read(ref, signal));
    if (existing === undefined) {
      const manifest = await make(undefined);
      if (manifest === undefined) return undefined;
      const created = await create(SECRET, manifest);
      if (created !== undefined) return withData(manifest, created.object);
      existing = await client.get<Secret>(SECRET, ref, { signal });
      if (!isFree(SECRET, existing)) return undefined;
    }
    const manifest = await make(existing);
    if (manifest === undefined) return undefined;
    return withData(manifest, await write(SECRET, existing, manifest, existing.metadata.resourceVersion));
  }

  async function leave(kind: ResourceKind, live: KubeObject, fields: object): Promise<void> {
    const { apiVersion, kind: name, metadata } = live;
    const manifest = {
      apiVersion,
      kind: name,
      metadata: { name: metadata.name, namespace, uid: metadata.uid },
    };
    await client.apply(
      kind,
      { ...manifest, ...fields },
      { fieldManager: FORMER_FIELD_MANAGER, force: true, metadataOnly: true, signal },
    );
  }

  async function remove(kind: ResourceKind, name: string): Promise<void> {
    const cached = find(kind, name);
    if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) return;
    const { uid } = cached.metadata;
    if (await client.delete(kind, { name, namespace }, { preconditions: { uid }, signal })) {
      changes.push({ kind: kind.kind, name, change: 'deleted' });
    }
  }

  return { changes, obstacles, writtenSecrets, find, apply, keep, leave, remove };
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
