import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RuntimeMetrics } from './metrics.ts';
import type { KubeObject } from './objects.ts';
import { createReflector, type Reflector, type ReflectorOptions } from './reflector.ts';
import { CONFIG_MAP } from './resource-kind.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { settle } from './testing/manual-clock.ts';

const pathOf = (name: string, namespace = 'a') => `/api/v1/namespaces/${namespace}/configmaps/${name}`;

function configMap(
  name: string,
  data: Record<string, string> = {},
  namespace = 'a',
): KubeObject & { data: object } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

describe('the reflector', () => {
  let server: FakeApiServer;
  let stop: AbortController;
  let running: Promise<void> | undefined;
  let metrics: RuntimeMetrics;

  beforeEach(async () => {
    server = await startFakeApiServer();
    stop = new AbortController();
    running = undefined;
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await server.close();
  });

  function start(options: Partial<ReflectorOptions<KubeObject>> = {}) {
    const connected = server.client({ random: () => 0.999 });
    metrics = connected.metrics;
    const reflector = createReflector<KubeObject>({
      client: connected.client,
      kind: CONFIG_MAP,
      random: () => 0.999,
      metrics,
      ...options,
    });
    const told: string[] = [];
    reflector.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name}`));
    running = reflector.run(stop.signal);
    return { reflector, told };
  }

  const names = (reflector: Reflector<KubeObject>) =>
    reflector.store
      .list()
      .map(({ metadata }) => metadata.name)
      .sort();
  const lists = () => server.requests.filter((request) => !request.includes('watch=true'));

  it('lists page by page, then follows every change', async () => {
    for (const name of ['1', '2', '3', '4', '5']) server.put(pathOf(name), configMap(name));
    const { reflector, told } = start({ pageSize: 2 });
    expect(reflector.hasSynced()).toBe(false);
    await reflector.synced;
    expect(reflector.hasSynced()).toBe(true);
    expect(lists()).toHaveLength(3);
    expect(names(reflector)).toEqual(['1', '2', '3', '4', '5']);
    server.put(pathOf('2'), configMap('2', { a: 'b' }));
    server.remove(pathOf('1'));
    server.put(pathOf('6'), configMap('6'));
    await vi.waitFor(() => expect(told.slice(5)).toEqual(['updated 2', 'deleted 1', 'added 6']));
    expect(reflector.store.get('a/2')).toMatchObject({ data: { a: 'b' } });
  });

  it('resumes where a broken watch left off, without listing or telling anything twice', async () => {
    server.put(pathOf('1'), configMap('1'));
    const { reflector, told } = start();
    await reflector.synced;
    await vi.waitFor(() => expect(server.openWatches).toBe(1));
    server.breakWatches();
    server.put(pathOf('2'), configMap('2'));
    await vi.waitFor(() => expect(told).toEqual(['added 1', 'added 2']));
    expect(lists()).toHaveLength(1);
    expect(await metrics.registry.metrics()).toContain(
      'kube_watch_restarts_total{resource="configmaps",cause="error"} 1',
    );
  });

  it('takes bookmarks as places to resume from', async () => {
    const { reflector } = start();
    await reflector.synced;
    await vi.waitFor(() => expect(server.openWatches).toBe(1));
    for (let i = 0; i < 5; i++) server.put(`/api/v1/namespaces/a/secrets/${i}`, configMap('s'));
    server.bookmark();
    await settle();
    server.endWatches();
    await vi.waitFor(() =>
      expect(server.requests.filter((request) => request.includes('watch'))).toHaveLength(2),
    );
    expect(server.requests.at(-1)).toContain('resourceVersion=105');
  });

  it('lists again when its version is too old, telling only what differs', async () => {
    for (const name of ['1', '2', '3']) server.put(pathOf(name), configMap(name));
    const { reflector, told } = start();
    await reflector.synced;
    await vi.waitFor(() => expect(server.openWatches).toBe(1));
    server.mute(true);
    server.remove(pathOf('1'));
    server.put(pathOf('2'), configMap('2', { new: 'er' }));
    server.put(pathOf('4'), configMap('4'));
    server.compact();
    server.mute(false);
    server.breakWatches();
    await vi.waitFor(() => expect(names(reflector)).toEqual(['2', '3', '4']));
    expect(told.slice(3).sort()).toEqual(['added 4', 'deleted 1', 'updated 2']);
    expect(lists()).toHaveLength(2);
    expect(reflector.hasSynced()).toBe(true);
  });

  it('starts the list over when it expires between two pages', async () => {
    for (const name of ['1', '2', '3']) server.put(pathOf(name), configMap(name));
    let expired = false;
    server.interfere = (request) => {
      if (!expired && request.url?.includes('continue') === true) {
        expired = true;
        server.remove(pathOf('1'));
        server.compact();
      }
      return false;
    };
    const { reflector } = start({ pageSize: 2 });
    await reflector.synced;
    expect(names(reflector)).toEqual(['2', '3']);
  });

  it('outlives a server that refuses, fails and talks nonsense', async () => {
    server.put(pathOf('1'), configMap('1'));
    const answers: [number, string][] = [
      [403, '{}'],
      [500, 'oops'],
      [200, '<html>'],
      [404, ''],
    ];
    server.interfere = (_request, response) => {
      const next = answers.shift();
      if (next === undefined) return false;
      response.writeHead(next[0]).end(next[1]);
      return true;
    };
    const warnings: unknown[] = [];
    const log = () => undefined;
    const { reflector } = start({
      logger: { debug: log, info: log, error: log, warn: ({ error }) => warnings.push(error) },
    });
    await reflector.synced;
    expect(names(reflector)).toEqual(['1']);
    expect(warnings).toHaveLength(4);
  });

  it('cuts a watch behind a network that went silent', async () => {
    const { reflector, told } = start({ idleTimeoutMs: 1_000 });
    await reflector.synced;
    await vi.waitFor(() => expect(server.openWatches).toBe(1));
    server.mute(true);
    server.put(pathOf('1'), configMap('1'));
    server.interfere = () => {
      server.mute(false);
      return false;
    };
    await vi.waitFor(() => expect(told).toEqual(['added 1']), { timeout: 8_000 });
    expect(lists()).toHaveLength(1);
  });

  it('follows several namespaces in one store', async () => {
    server.put(pathOf('1', 'a'), configMap('1', {}, 'a'));
    server.put(pathOf('1', 'b'), configMap('1', {}, 'b'));
    server.put(pathOf('1', 'c'), configMap('1', {}, 'c'));
    const { reflector } = start({ namespaces: ['a', 'b'] });
    await reflector.synced;
    expect([...reflector.store.keys()].sort()).toEqual(['a/1', 'b/1']);
    await vi.waitFor(() => expect(server.openWatches).toBe(2));
    server.mute(true);
    server.remove(pathOf('1', 'a'));
    server.compact();
    server.mute(false);
    server.breakWatches();
    await vi.waitFor(() => expect([...reflector.store.keys()]).toEqual(['b/1']));
  });

  it('keeps what the transform leaves and finds by index', async () => {
    server.put(pathOf('1'), configMap('1', { owner: 'x' }));
    const { reflector } = start({
      transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
      indexes: { name: ({ metadata }) => [metadata.name] },
    });
    await reflector.synced;
    expect(reflector.store.get('a/1')).not.toHaveProperty('data');
    expect(reflector.store.index('name', '1')).toHaveLength(1);
  });

  it('treats a kind that is not served as empty, on request', async () => {
    server.interfere = (_request, response) => response.writeHead(404).end('{}') !== undefined;
    const { reflector } = start({ absentIsEmpty: true });
    await reflector.synced;
    expect(reflector.store.size).toBe(0);
  });

  it('shows a write at once and stays silent about it', async () => {
    const { reflector, told } = start();
    await reflector.synced;
    await vi.waitFor(() => expect(server.openWatches).toBe(1));
    server.mute(true);
    reflector.wrote(server.put(pathOf('1'), configMap('1', { v: '1' })));
    expect(reflector.store.get('a/1')).toMatchObject({ data: { v: '1' } });
    server.mute(false);
    server.breakWatches();
    server.put(pathOf('2'), configMap('2'));
    await vi.waitFor(() => expect(told).toEqual(['added 2']));
    const old = reflector.store.get('a/1');
    server.remove(pathOf('1'));
    await vi.waitFor(() => expect(told).toEqual(['added 2', 'deleted 1']));
    if (old !== undefined) reflector.wrote(old);
    expect(reflector.store.size).toBe(1);
  });

  it('goes on when a subscriber throws', async () => {
    server.put(pathOf('1'), configMap('1'));
    server.put(pathOf('2'), configMap('2'));
    const { reflector, told } = start();
    reflector.subscribe(() => {
      throw new Error('mine');
    });
    await reflector.synced;
    expect(told).toEqual(['added 1', 'added 2']);
  });

  it('ends on request, even while it waits', async () => {
    server.interfere = (_request, response) => response.writeHead(500).end() !== undefined;
    start();
    await settle();
    stop.abort();
    await running;
    expect(server.openWatches).toBe(0);
  });
});
