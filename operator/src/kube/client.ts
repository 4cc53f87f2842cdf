import type { AnyObject, KubeObject, ObjectRef } from './objects.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Every call has a deadline: `timeoutMs` (the client's default when absent). It counts retries too. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
}

export interface ReadOptions extends CallOptions {
  /** Ask for `PartialObjectMetadata`: apiVersion and kind of the answer stay the object's own, all but metadata is absent. */
  metadataOnly?: boolean | undefined;
}

export interface Selection {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface ListOptions extends ReadOptions, Selection {
  /** Largest number of items in a page. */
  limit?: number | undefined;
  /** The `continue` token of the page before. */
  continue?: string | undefined;
  resourceVersion?: string | undefined;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

export interface Page<T> {
  items: T[];
  /** Where a watch of this collection may start. */
  resourceVersion: string;
  /** Present when more pages follow. */
  continue?: string | undefined;
}

export interface WatchOptions extends Selection {
  signal?: AbortSignal | undefined;
  metadataOnly?: boolean | undefined;
  resourceVersion: string;
  /** The server ends the watch after this many seconds. */
  timeoutSeconds: number;
  /** The watch is cut when not a byte arrives for this long. */
  idleTimeoutMs: number;
}

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string };

export interface WriteOptions extends CallOptions {
  dryRun?: boolean | undefined;
  /** Names the writer in `managedFields`. */
  fieldManager?: string | undefined;
  /** `Strict` (default) refuses unknown and duplicate fields. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined;
  /** Answer with the metadata alone: less to send and to parse. */
  metadataOnly?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** `Ignore` by default: an apply refuses unknown fields in any case, and what was an object has no duplicate ones. */
  fieldValidation?: WriteOptions['fieldValidation'];
  fieldManager: string;
  /** Take over fields that another manager owns. Without it such a field is a Conflict that names it. Default true. */
  force?: boolean | undefined;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Delete only this incarnation, or this version, else Conflict. */
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  dryRun?: boolean | undefined;
}

/**
 * The Kubernetes API over HTTP. Objects are the server's JSON, untouched: unknown fields survive in both directions. All methods
 * reject with ApiError, or with the signal's reason when aborted. `T` is the caller's claim about the answer; nothing checks it.
 */
export interface KubeClient {
  get<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    options?: ReadOptions,
  ): Promise<T>;
  /** As `get`, with undefined for a missing object. */
  find<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    options?: ReadOptions,
  ): Promise<T | undefined>;
  /** One page. Without `limit` the server sends everything. */
  listPage<T extends KubeObject = AnyObject>(kind: ResourceKind, options?: ListOptions): Promise<Page<T>>;
  /** All pages, in one snapshot. Rejects with Gone if the snapshot expires midway. */
  list<T extends KubeObject = AnyObject>(kind: ResourceKind, options?: ListOptions): Promise<Page<T>>;
  /**
   * Changes after `resourceVersion`. Ends when the server ends it (timeoutSeconds) or the idle timeout passes; throws Gone when
   * the version is too old, Unreachable when the connection breaks. Leaving the loop frees the connection.
   */
  watch<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<T>;
  /** PUT. With `metadata.resourceVersion` the write is conditional: Conflict when someone else wrote first. */
  replace<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply of the whole desired manifest; fields applied before and absent now are removed. */
  apply<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<T>;
  /** JSON merge patch (RFC 7386). `metadata.resourceVersion` inside the patch makes it conditional. */
  patch<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** Merge patch of the `status` subresource. */
  patchStatus<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<T>;
  /** Resolves to false when there was nothing to delete. */
  delete(kind: ResourceKind, ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** Whether the server serves this kind, by discovery (for example: is the Gateway API installed?). */
  serves(kind: ResourceKind, options?: CallOptions): Promise<boolean>;
  /** Any other path, such as `/version`: the parsed JSON of a GET. */
  getPath(path: string, options?: CallOptions): Promise<unknown>;
  /** Closes idle connections and aborts calls under way. */
  close(): Promise<void>;
}
