import { Counter, Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { type HealthServer, startHealthServer } from './health.ts';

describe('the health server', () => {
  let server: HealthServer | undefined;
  afterEach(() => server?.close());

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server?.port}${path}`);
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get('content-type'),
    };
  };

  it('says whether it lives and is ready, and what is missing', async () => {
    let problem: string | undefined = 'caches are not filled yet';
    server = await startHealthServer({
      port: 0,
      host: '127.0.0.1',
      registry: new Registry(),
      live: { loop: () => undefined },
      ready: {
        caches: () => problem,
        throws: async () => {
          if (problem !== undefined) throw new Error('odd');
          return undefined;
        },
      },
    });
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '[+] loop\nok\n' });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: '[-] caches: caches are not filled yet\n[-] throws: odd\nnot ok\n',
    });
    problem = undefined;
    expect((await get('/readyz?verbose')).status).toBe(200);
    expect((await get('/')).status).toBe(404);
  });

  it('serves the metrics', async () => {
    const registry = new Registry();
    new Counter({ name: 'c', help: 'c', registers: [registry] }).inc();
    server = await startHealthServer({ port: 0, host: '127.0.0.1', registry });
    const { text, type } = await get('/metrics');
    expect(text).toContain('c 1');
    expect(type).toMatch(/^text\/plain; version=0.0.4/);
  });

  it('fails to start on a port that is taken', async () => {
    server = await startHealthServer({ port: 0, host: '127.0.0.1', registry: new Registry() });
    await expect(
      startHealthServer({ port: server.port, host: '127.0.0.1', registry: new Registry() }),
    ).rejects.toThrow('EADDRINUSE');
  });
});
