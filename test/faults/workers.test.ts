import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { processTree } from '../../bench/race/process-tree.ts';
import { totalOf } from '../../bench/race/prometheus.ts';
import { eventually } from '../eventually.ts';
import { type Download, download } from './download.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';
import { type ScriptedStore, startScriptedStore } from './scripted-store.ts';

// Several processes behind one port.

const body = randomBytes(10_000);
const BACK_MS = 30_000;
/** Requests of each client after SIGTERM: they take a fiftieth of the delay. */
const STOPPING_REQUESTS = 5;
let directory: string;
let store: ScriptedStore;
const running: ProxyProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  store = await startScriptedStore();
  store.objects.set('picture.png', body);
});
afterEach(async () => {
  for (const proxy of running.splice(0)) await proxy.stop();
});
afterAll(async () => {
  await store?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(environment: Record<string, string>): Promise<ProxyProcess> {
  const proxy = await startProxy(directory, { ...store.environment, ...environment });
  running.push(proxy);
  return proxy;
}

const picture = (proxy: ProxyProcess): Download => ({
  port: proxy.port,
  path: '/picture.png',
  expected: body,
});
const workers = ({ pid }: ProxyProcess) => processTree(pid).filter((each) => each !== pid);

/** Waits for so many, and gives them. */
async function workersOf(proxy: ProxyProcess, count: number): Promise<number[]> {
  await eventually(`${count} processes`, BACK_MS, async () => workers(proxy).length === count);
  return workers(proxy);
}

/** Waits until so many have served a request, one after the other, and gives them: a proxy is ready with the first of them. */
async function servingOf(proxy: ProxyProcess, count: number): Promise<number[]> {
  await eventually(`${count} processes to serve`, BACK_MS, async () => {
    await download(picture(proxy));
    const connections = await Promise.all(
      workers(proxy).map((pid) => proxy.connectionsTo(store.port, [pid])),
    );
    return connections.filter((each) => each > 0).length === count;
  });
  return workersOf(proxy, count);
}

test('a proxy that says it is ready takes requests, and its metrics count those of all processes', async () => {
  const proxy = await start({ WORKERS: '3' });
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => download(picture(proxy))));
  expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'whole' })));
  await workersOf(proxy, 3);
  const metrics = await proxy.metrics();
  expect(totalOf(metrics, 's3proxy_http_requests_total')).toBe(30);
  expect(totalOf(metrics, 's3proxy_http_request_duration_seconds_count')).toBe(30);
  expect(totalOf(metrics, 's3proxy_bucket_reachable')).toBe(1);
});

test('as many as there are cores, on request', async () => {
  await workersOf(await start({ WORKERS: '0' }), availableParallelism());
});

test('a process that dies is replaced, and meanwhile the others serve', async () => {
  const proxy = await start({ WORKERS: '2' });
  const [victim = 0, other = 0] = await servingOf(proxy, 2);
  process.kill(victim, 'SIGKILL');
  await eventually('it to be gone', BACK_MS, async () => !workers(proxy).includes(victim));
  // A connection may still be handed to it, until the main process has heard of its end.
  await eventually(
    'the other one to serve',
    BACK_MS,
    async () => (await download(picture(proxy))).kind === 'whole',
  );
  expect(await workersOf(proxy, 2), await proxy.log()).toContain(other);
  expect(await download(picture(proxy))).toEqual({ kind: 'whole' });
  expect(await proxy.log()).toContain('a worker ended; another one takes its place');
});

test('SIGTERM ends it while a process is only starting, too', async () => {
  const proxy = await start({ WORKERS: '2', SHUTDOWN_TIMEOUT_SECONDS: '0' });
  const [victim = 0, other = 0] = await workersOf(proxy, 2);
  process.kill(victim, 'SIGKILL');
  await eventually('another to be started', BACK_MS, async () =>
    workers(proxy).some((pid) => pid !== victim && pid !== other),
  );
  process.kill(proxy.pid, 'SIGTERM');
  await eventually('it to end by itself', BACK_MS, async () => !proxy.isAlive());
});

test('with all of them dead it is not ready, until there are others', async () => {
  const proxy = await start({ WORKERS: '2' });
  const before = await workersOf(proxy, 2);
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await eventually('it to be out of service', BACK_MS, async () => !(await proxy.isReady()));
  await eventually('it to be back', BACK_MS, () => proxy.isReady());
  expect(await download(picture(proxy))).toEqual({ kind: 'whole' });
  for (const pid of await workersOf(proxy, 2)) expect(before).not.toContain(pid);
});

test.each(['1', '2'])('SIGTERM fails no request: WORKERS=%s', async (count) => {
  const proxy = await start({
    WORKERS: count,
    SHUTDOWN_DELAY_SECONDS: '4',
    SHUTDOWN_TIMEOUT_SECONDS: '60',
  });
  let stopping = false;
  let answered = 0;
  /**
   * Requests one after the other over a connection that stays open as long as the proxy lets it, as an ingress controller has them; which hears of the
   * end of the proxy a moment later.
   */
  async function client(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let last = 0; last < STOPPING_REQUESTS; last += stopping ? 1 : 0) {
        expect(await get(proxy.port, agent)).toBe(200);
        answered += 1;
        await sleep(5);
      }
    } finally {
      agent.destroy();
    }
  }
  const { promise: go, resolve: letGo } = Promise.withResolvers<void>();
  const slow = download({ ...picture(proxy) }, () => go);
  const clients = Promise.all(Array.from({ length: 8 }, client));
  await eventually('requests to be answered', BACK_MS, async () => answered >= 100);
  stopping = true;
  const stopped = proxy.stop();
  await clients;
  letGo();
  expect(await slow).toEqual({ kind: 'whole' });
  await stopped;
});

function get(port: number, agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/picture.png', agent }, (response) => {
      response.resume();
      response.once('error', () => resolve('broken off'));
      response.once('end', () => resolve(response.complete ? (response.statusCode ?? 0) : 'broken off'));
    })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end();
  });
}
