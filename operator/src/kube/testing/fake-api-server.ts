import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeClient } from '../client.ts';
import { createConnection } from '../connection.ts';
import { createRuntimeMetrics, type RuntimeMetrics } from '../metrics.ts';
import type { AnyObject, KubeObject } from '../objects.ts';
import { createRestClient, type RestClientOptions } from '../rest-client.ts';

/** What a test may have the server do instead of answering: return true when it dealt with the request. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FakeApiServer {
  readonly url: URL;
  /** "METHOD /path?query" of every request so far. */
  readonly requests: string[];
  readonly objects: ReadonlyMap<string, AnyObject>;
  readonly openWatches: number;
  /** Called first for every request. */
  interfere: Interference | undefined;
  /** Creates or replaces the object at a path such as /api/v1/namespaces/a/configmaps/b, as anybody might. */
  put(path: string, object: KubeObject): AnyObject;
  remove(path: string): void;
  bookmark(): void;
  /** Forgets the history: versions up to now are too old to watch from. */
  compact(): void;
  /** Breaks the connections of all watches. */
  breakWatches(): void;
  /** Ends all watches in the regular way. */
  endWatches(): void;
  /** From now on watches say nothing, as behind a network that drops packets. */
  mute(on: boolean): void;
  client(options?: Partial<RestClientOptions>): { client: KubeClient; metrics: RuntimeMetrics };
  close(): Promise<void>;
}

interface Change {
  version: number;
  path: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: AnyObject;
}

function status(response: ServerResponse, code: number, reason: string, message = reason): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }),
  );
}

async function bodyOf(request: IncomingMessage): Promise<AnyObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/**
 * Enough of an API server for unit tests of what speaks to one: paged lists, watches from a version, conditional PUT, merge
 * patch of one level. No schemas, no server-side apply: the tests on a real API server are for those.
 */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const objects = new Map<string, AnyObject>();
  const requests: string[] = [];
  const watches = new Set<{ collection: string; response: ServerResponse }>();
  let history: Change[] = [];
  let version = 100;
  let oldest = 100;
  let uids = 0;
  let muted = false;

  const inCollection = (path: string, collection: string): boolean => {
    if (path.startsWith(`${collection}/`)) return true;
    // A collection across namespaces.
    const cut = collection.lastIndexOf('/');
    const [root, plural] = [collection.slice(0, cut), collection.slice(cut + 1)];
    return path.startsWith(`${root}/namespaces/`) && path.split('/').at(-2) === plural;
  };
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

  function record(type: Change['type'], path: string, object: AnyObject): void {
    const change = { version, path, type, object };
    history.push(change);
    for (const { collection, response } of watches) {
      if (!muted && inCollection(path, collection)) response.write(line(type, object));
    }
  }

  function put(path: string, object: KubeObject): AnyObject {
    const before = objects.get(path);
    version++;
    const uid = before?.metadata.uid ?? `uid-${++uids}`;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
    objects.set(path, stored);
    record(before === undefined ? 'ADDED' : 'MODIFIED', path, stored);
    return stored;
  }

  function remove(path: string): void {
    const before = objects.get(path);
    if (before === undefined) return;
    objects.delete(path);
    version++;
    record('DELETED', path, {
      ...before,
      metadata: { ...before.metadata, resourceVersion: String(version) },
    });
  }

  function list(url: URL, response: ServerResponse): void {
    const limit = Number(url.searchParams.get('limit') ?? Number.POSITIVE_INFINITY);
    const token = url.searchParams.get('continue');
    const [start = 0, at = version] = token?.split('@').map(Number) ?? [];
    if (at < oldest) {
      status(response, 410, 'Expired');
      return;
    }
    const all = [...objects].filter(([path]) => inCollection(path, url.pathname)).map(([, object]) => object);
    const end = start + limit;
    const more = end < all.length ? { continue: `${end}@${at}` } : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ metadata: { resourceVersion: String(at), ...more }, items: all.slice(start, end) }),
    );
  }

  function watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < oldest) {
      response.end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
      return;
    }
    const watcher = { collection: url.pathname, response };
    watches.add(watcher);
    response.once('close', () => watches.delete(watcher));
    for (const { version: at, path, type, object } of history) {
      if (at > from && !muted && inCollection(path, url.pathname)) response.write(line(type, object));
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const path = url.pathname;
    const reply = (code: number, object: unknown) => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(object));
    };
    const existing = objects.get(path);
    switch (request.method) {
      case 'GET':
        if (url.searchParams.has('watch')) return watch(url, response);
        if (existing !== undefined) return reply(200, existing);
        // Collections have plural names of ours; anything else is an object that is not there.
        return path.endsWith('s') ? list(url, response) : status(response, 404, 'NotFound');
      case 'POST': {
        const object = await bodyOf(request);
        const at = `${path}/${object.metadata.name}`;
        return objects.has(at) ? status(response, 409, 'AlreadyExists') : reply(201, put(at, object));
      }
      case 'PUT': {
        const object = await bodyOf(request);
        if (existing === undefined) return status(response, 404, 'NotFound');
        const expected = object.metadata.resourceVersion;
        if (expected !== undefined && expected !== existing.metadata.resourceVersion) {
          return status(response, 409, 'Conflict');
        }
        return reply(200, put(path, object));
      }
      case 'PATCH': {
        const patch = await bodyOf(request);
        if (existing === undefined) return status(response, 404, 'NotFound');
        return reply(200, put(path, { ...existing, ...patch, metadata: existing.metadata }));
      }
      case 'DELETE':
        if (existing === undefined) return status(response, 404, 'NotFound');
        remove(path);
        return reply(200, { kind: 'Status', status: 'Success' });
      default:
        return status(response, 405, 'MethodNotAllowed');
    }
  }

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (self.interfere?.(request, response) === true) return;
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  const self: FakeApiServer = {
    url,
    requests,
    objects,
    get openWatches() {
      return watches.size;
    },
    interfere: undefined,
    put,
    remove,
    bookmark() {
      for (const { response } of watches) {
        response.write(line('BOOKMARK', { kind: 'x', metadata: { resourceVersion: String(version) } }));
      }
    },
    compact() {
      version++;
      oldest = version;
      history = [];
    },
    breakWatches() {
      for (const { response } of watches) response.destroy();
    },
    endWatches() {
      for (const { response } of watches) response.end();
    },
    mute(on) {
      muted = on;
    },
    client(options = {}) {
      const metrics = options.metrics ?? createRuntimeMetrics();
      const connection = createConnection({ server: url, load: async () => ({ headers: {} }) });
      return { client: createRestClient({ connection, userAgent: 'test/1', ...options, metrics }), metrics };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}
