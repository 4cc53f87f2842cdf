import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConnection } from './connection.ts';
import type { ApiErrorCode } from './errors.ts';
import { CONFIG_MAP } from './resource-kind.ts';
import { createRestClient } from './rest-client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';

const ref = { namespace: 'a', name: 'b' };
const path = '/api/v1/namespaces/a/configmaps/b';
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref };

describe('calls', () => {
  let server: FakeApiServer;
  beforeEach(async () => {
    server = await startFakeApiServer();
    server.put(path, object);
  });
  afterEach(() => server.close());

  /** Fails the first `times` requests. */
  function failFirst(times: number, code: number, headers: Record<string, string> = {}): void {
    let left = times;
    server.interfere = (_request, response) => {
      if (left-- <= 0) return false;
      response.writeHead(code, headers).end('{}');
      return true;
    };
  }

  const quick = { random: () => 0.999 };

  it('reuse connections, with user agent and kind filled in', async () => {
    const sockets = new Set();
    let agent: string | undefined;
    server.interfere = (request) => {
      sockets.add(request.socket);
      agent = request.headers['user-agent'];
      return false;
    };
    const { client } = server.client();
    for (let i = 0; i < 20; i++) await client.get(CONFIG_MAP, ref);
    expect(sockets.size).toBeLessThanOrEqual(2); // undici may open a second before the first is free again.
    expect(agent).toBe('test/1');
    const { items } = await client.list(CONFIG_MAP);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('are bounded in number', async () => {
    const sockets = new Set();
    server.interfere = (request) => {
      sockets.add(request.socket);
      return false;
    };
    const connection = createConnection(
      { server: server.url, load: async () => ({ headers: {} }) },
      { maxConnections: 3 },
    );
    const client = createRestClient({ connection, userAgent: 'x' });
    await Promise.all(Array.from({ length: 50 }, () => client.get(CONFIG_MAP, ref)));
    expect(sockets.size).toBe(3);
  });

  it('repeat reads when the connection breaks', async () => {
    let left = 2;
    server.interfere = (request) => left-- > 0 && request.socket.destroy() !== undefined;
    const { client, metrics } = server.client(quick);
    expect((await client.get(CONFIG_MAP, ref)).metadata.name).toBe('b');
    const text = await metrics.registry.metrics();
    expect(text).toContain('rest_client_requests_total{code="<error>",method="GET"} 2');
    expect(text).toContain('rest_client_requests_total{code="200",method="GET"} 1');
  });

  it('do not repeat a create when the connection breaks', async () => {
    server.interfere = (request) => request.socket.destroy() !== undefined;
    const { client } = server.client(quick);
    await expect(client.create(CONFIG_MAP, object)).rejects.toMatchObject({ code: 'Unreachable' });
    expect(server.requests).toHaveLength(1);
  });

  it('repeat any call that was turned away by 429, after the time asked for', async () => {
    failFirst(1, 429, { 'retry-after': '1' });
    const { client } = server.client(quick);
    const started = performance.now();
    await client.create(CONFIG_MAP, { ...object, metadata: { namespace: 'a', name: 'c' } });
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(server.requests).toHaveLength(2);
  });

  it('do not wait for a server that asks for more time than there is', async () => {
    failFirst(1, 429, { 'retry-after': '60' });
    const { client } = server.client(quick);
    await expect(client.get(CONFIG_MAP, ref)).rejects.toMatchObject({
      code: 'TooManyRequests',
      retryAfterMs: 60_000,
    });
  });

  it.each<[number, ApiErrorCode, number]>([
    [503, 'Unavailable', 6],
    [500, 'Internal', 1],
    [404, 'NotFound', 1],
    [403, 'Forbidden', 1],
  ])('answered with %i end as %s after %i attempts', async (code, expected, attempts) => {
    failFirst(100, code);
    const { client } = server.client(quick);
    await expect(client.get(CONFIG_MAP, ref)).rejects.toMatchObject({ code: expected, status: code });
    expect(server.requests).toHaveLength(attempts);
  });

  it('have a deadline that covers everything', async () => {
    server.interfere = () => true; // Never answers.
    const { client } = server.client();
    await expect(client.get(CONFIG_MAP, ref, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'Timeout',
      message: 'GET /api/v1/namespaces/a/configmaps/b: no complete answer within 50 ms',
    });
  });

  it('have a deadline for a body that stops halfway', async () => {
    server.interfere = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"kind":');
      return true;
    };
    const { client } = server.client();
    await expect(client.get(CONFIG_MAP, ref, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'Timeout' });
  });

  it('reject with the reason of the signal that aborts them', async () => {
    server.interfere = () => true;
    const { client } = server.client();
    const abort = new AbortController();
    const call = client.get(CONFIG_MAP, ref, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stopping')), 20);
    await expect(call).rejects.toThrow('stopping');
    await expect(client.get(CONFIG_MAP, ref, { signal: abort.signal })).rejects.toThrow('stopping');
  });

  it('load new credentials after a 401, once', async () => {
    const tokens: (string | undefined)[] = [];
    let accepted = 'new';
    server.interfere = (request, response) => {
      tokens.push(request.headers.authorization);
      if (request.headers.authorization === accepted) return false;
      response.writeHead(401).end();
      return true;
    };
    const connection = createConnection({
      server: server.url,
      load: async (renew) => ({ headers: { authorization: renew ? 'new' : 'old' } }),
    });
    const client = createRestClient({ connection, userAgent: 'x' });
    await client.get(CONFIG_MAP, ref);
    expect(tokens).toEqual(['old', 'new']);
    accepted = 'other';
    await expect(client.get(CONFIG_MAP, ref)).rejects.toMatchObject({ code: 'Unauthorized' });
    expect(tokens).toHaveLength(4);
  });

  it('say why the server cannot be reached', async () => {
    await server.close();
    const { client } = server.client(quick);
    await expect(client.get(CONFIG_MAP, ref, { timeoutMs: 2_000 })).rejects.toThrow(
      /no answer from http.*ECONNREFUSED/,
    );
  });

  it('put the path of the base URL before each path', async () => {
    const connection = createConnection({
      server: new URL('/k8s/clusters/c-1/', server.url),
      load: async () => ({ headers: {} }),
    });
    const client = createRestClient({ connection, userAgent: 'x' });
    await client.find(CONFIG_MAP, ref);
    expect(server.requests).toEqual([`GET /k8s/clusters/c-1${path}`]);
  });

  it('log each of the server’s warnings once', async () => {
    const warnings: unknown[] = [];
    server.interfere = (_request, response) => {
      response.setHeader('warning', '299 - "v1 is old"');
      return false;
    };
    const log = () => undefined;
    const { client } = server.client({
      logger: { debug: log, info: log, error: log, warn: ({ warning }) => warnings.push(warning) },
    });
    await client.get(CONFIG_MAP, ref);
    await client.list(CONFIG_MAP);
    expect(warnings).toEqual(['299 - "v1 is old"']);
  });
});
