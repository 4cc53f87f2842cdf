import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  Page,
  PatchOptions,
  ReadOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { ApiError, isApiError } from './errors.ts';
import { createExchange } from './exchange.ts';
import { jsonLines } from './json-lines.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from './metrics.ts';
import { type AnyObject, type KubeObject, type ObjectRef, refTo } from './objects.ts';
import {
  apiVersionOf,
  collectionPath,
  groupVersionPath,
  objectPath,
  type ResourceKind,
} from './resource-kind.ts';
import { errorFromWatchEvent } from './status-error.ts';

export interface RestClientOptions {
  connection: Connection;
  /** Such as `s3proxy-operator/0.1.0`. */
  userAgent: string;
  /** Deadline of a call that names none. Default 30 s. */
  timeoutMs?: number | undefined;
  clock?: Clock | undefined;
  /** In [0, 1), for jitter. */
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
  metrics?: RuntimeMetrics | undefined;
}

const JSON_TYPE = 'application/json';
const METADATA = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const MERGE_PATCH = 'application/merge-patch+json';
/** JSON is YAML: the server takes it under this name in every version that knows server-side apply. */
const APPLY_PATCH = 'application/apply-patch+yaml';

type Query = Record<string, string | number | boolean | undefined>;

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

function acceptOf(metadataOnly: boolean | undefined, partial = METADATA): string {
  return metadataOnly === true ? `${JSON_TYPE};${partial}` : JSON_TYPE;
}

function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation ?? 'Strict',
    dryRun: options.dryRun === true ? 'All' : undefined,
  };
}

/** Items of a list, and partial objects, do not say what they are. */
function named<T extends KubeObject>(object: T, kind: ResourceKind): T {
  object.apiVersion = apiVersionOf(kind);
  object.kind = kind.kind;
  return object;
}

interface RawList<T> {
  items?: T[] | null;
  metadata?: { resourceVersion?: string; continue?: string };
}

interface RawWatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

/** How much longer than agreed a watch may last before it is cut: the server should have ended it. */
const WATCH_OVERTIME_MS = 10_000;

/** The KubeClient over HTTP. */
export function createRestClient(options: RestClientOptions): KubeClient {
  const { connection, timeoutMs: defaultTimeoutMs = 30_000, clock = systemClock } = options;
  const exchange = createExchange({
    connection,
    userAgent: options.userAgent,
    clock,
    random: options.random ?? Math.random,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? createRuntimeMetrics(),
  });

  function parse(text: string, path: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ApiError('Internal', `${path}: the answer is not JSON`, { status: 200, cause: error });
    }
  }

  async function call<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    { signal, timeoutMs }: CallOptions,
    more: { accept?: string; body?: unknown; contentType?: string; repeatable?: boolean } = {},
  ): Promise<T> {
    const text = await exchange.send({
      method,
      path,
      accept: more.accept ?? JSON_TYPE,
      body: more.body === undefined ? undefined : JSON.stringify(more.body),
      contentType: more.body === undefined ? undefined : (more.contentType ?? JSON_TYPE),
      repeatable: more.repeatable ?? method === 'GET',
      timeoutMs: timeoutMs ?? defaultTimeoutMs,
      signal,
    });
    return parse(text, path) as T;
  }

  async function get<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    options: ReadOptions = {},
  ): Promise<T> {
    const accept = acceptOf(options.metadataOnly);
    return named(await call<T>('GET', objectPath(kind, ref), options, { accept }), kind);
  }

  async function listPage<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    options: ListOptions = {},
  ): Promise<Page<T>> {
    const path = withQuery(collectionPath(kind, options.namespace), {
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      limit: options.limit,
      continue: options.continue,
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
    });
    const accept = acceptOf(options.metadataOnly, METADATA_LIST);
    const list = await call<RawList<T>>('GET', path, options, { accept });
    const items = list.items ?? [];
    for (const item of items) named(item, kind);
    const next = list.metadata?.continue;
    return {
      items,
      resourceVersion: list.metadata?.resourceVersion ?? '',
      ...(next === undefined || next === '' ? {} : { continue: next }),
    };
  }

  function apply<T extends KubeObject>(
    kind: ResourceKind,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<T> {
    const path = withQuery(objectPath(kind, refTo(object)), {
      // An apply refuses fields that are not in the schema by itself. Being strict would have the server read the manifest a second time, for
      // duplicate keys, of which there are none in what was an object.
      ...writeQuery({ fieldValidation: 'Ignore', ...options }),
      force: options.force ?? true,
    });
    return call<T>('PATCH', path, options, {
      body: object,
      contentType: APPLY_PATCH,
      repeatable: true,
      accept: acceptOf(options.metadataOnly),
    }).then((answer) => named(answer, kind));
  }

  function patch<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    ref: ObjectRef,
    body: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const path = withQuery(objectPath(kind, ref, options.subresource), writeQuery(options));
    const accept = acceptOf(options.metadataOnly);
    return call<T>('PATCH', path, options, { body, contentType: MERGE_PATCH, accept }).then((answer) =>
      named(answer, kind),
    );
  }

  async function* watch<T extends KubeObject = AnyObject>(
    kind: ResourceKind,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const path = withQuery(collectionPath(kind, options.namespace), {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    });
    const chunks = await exchange.stream(
      {
        method: 'GET',
        path,
        accept: acceptOf(options.metadataOnly),
        repeatable: false, // The reflector decides when to try again.
        timeoutMs: defaultTimeoutMs,
        signal: options.signal,
      },
      options.idleTimeoutMs,
    );
    const end = clock.elapsed() + options.timeoutSeconds * 1000 + WATCH_OVERTIME_MS;
    for await (const line of jsonLines(chunks)) {
      const event = line as RawWatchEvent<T>;
      switch (event.type) {
        case 'ADDED':
        case 'MODIFIED':
        case 'DELETED':
          yield { type: event.type, object: named(event.object, kind) };
          break;
        case 'BOOKMARK':
          yield { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion ?? '' };
          break;
        case 'ERROR':
          throw errorFromWatchEvent(event.object, `watch ${collectionPath(kind, options.namespace)}`);
      }
      if (clock.elapsed() > end) return;
    }
  }

  return {
    get,
    async find(kind, ref, options) {
      try {
        return await get(kind, ref, options);
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    listPage,
    async list<T extends KubeObject = AnyObject>(kind: ResourceKind, options: ListOptions = {}) {
      const first = await listPage<T>(kind, options);
      const { items } = first;
      let next = first.continue;
      while (next !== undefined) {
        // The token carries the version; the server refuses both.
        const page = await listPage<T>(kind, {
          ...options,
          continue: next,
          resourceVersion: undefined,
          resourceVersionMatch: undefined,
        });
        for (const item of page.items) items.push(item);
        next = page.continue;
      }
      return { items, resourceVersion: first.resourceVersion };
    },
    watch,
    async create<T extends KubeObject = AnyObject>(
      kind: ResourceKind,
      object: KubeObject,
      options: WriteOptions = {},
    ) {
      const { name, namespace } = object.metadata;
      if (kind.namespaced && namespace === undefined)
        throw new TypeError(`${kind.kind} ${name} needs a namespace`);
      const path = withQuery(collectionPath(kind, namespace), writeQuery(options));
      const accept = acceptOf(options.metadataOnly);
      return named(await call<T>('POST', path, options, { body: object, accept }), kind);
    },
    async replace<T extends KubeObject = AnyObject>(
      kind: ResourceKind,
      object: KubeObject,
      options: WriteOptions = {},
    ) {
      const path = withQuery(objectPath(kind, refTo(object)), writeQuery(options));
      const accept = acceptOf(options.metadataOnly);
      return named(await call<T>('PUT', path, options, { body: object, accept }), kind);
    },
    apply,
    patch,
    patchStatus: (kind, ref, body, options) => patch(kind, ref, body, { ...options, subresource: 'status' }),
    async delete(kind: ResourceKind, ref: ObjectRef, options: DeleteOptions = {}) {
      const path = withQuery(objectPath(kind, ref), { dryRun: options.dryRun === true ? 'All' : undefined });
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: options.preconditions,
        propagationPolicy: options.propagationPolicy,
      };
      try {
        await call('DELETE', path, options, { body, repeatable: true });
        return true;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return false;
        throw error;
      }
    },
    async serves(kind, options = {}) {
      try {
        const group = await call<{ resources?: { name: string }[] }>('GET', groupVersionPath(kind), options);
        return group.resources?.some(({ name }) => name === kind.plural) ?? false;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return false;
        throw error;
      }
    },
    getPath: (path, options = {}) => call<unknown>('GET', path, options),
    close: () => connection.close(),
  };
}
