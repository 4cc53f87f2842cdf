import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { totalOf } from '../../bench/race/prometheus.ts';
import { eventually } from '../eventually.ts';
import { type Store, startStore } from '../s3/store.ts';
import { type Download, download, type Outcome } from './download.ts';
import { LARGEST_RSS, measure, type Setting } from './measure.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';
import { SLOW_WAYS, type SlowClient, type SlowWay, startSlowClient } from './slow-client.ts';

// Clients that hold connections without getting anywhere. They may cost a file descriptor and some memory for as long as the limits allow,
// and nothing else: others are served meanwhile. The limits are shortened here, or the tests would take minutes.

const SLOW_CLIENTS = 1_000;
/** The kernel keeps megabytes for each, and has two gigabytes for all connections of a machine: with more, others' would break. */
const SILENT_READERS = 400;
/** Longer than all of them take to connect, on a busy machine too. */
const LIMIT_SECONDS = 6;
const ENDED_MS = 60_000;
/** More than the kernel keeps of an answer that nobody reads. */
const LARGE = 2 ** 26;

const small = randomBytes(10_000);
const medium = randomBytes(LARGE / 4);
const large = randomBytes(LARGE);
let directory: string;
let store: Store;
let proxy: ProxyProcess;
let setting: Setting;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  store = await startStore();
  running.push(store);
  const limit = String(LIMIT_SECONDS);
  proxy = await startProxy(directory, {
    ...store.environment,
    HTTP_HEADERS_TIMEOUT_SECONDS: limit,
    HTTP_BODY_TIMEOUT_SECONDS: limit,
    HTTP_KEEP_ALIVE_SECONDS: limit,
    HTTP_IDLE_TIMEOUT_SECONDS: limit,
  });
  running.push(proxy);
  setting = { proxy, storePort: store.port, calmPath: '/small', heal: async () => {} };
  await store.put('small', small);
  await store.put('medium', medium);
  await store.put('large', large);
});
afterAll(async () => {
  for (const each of running.reverse()) await each.stop();
  await rm(directory, { recursive: true, force: true });
});

const healthy = (): Download => ({ port: proxy.port, path: '/small', expected: small });

/** A client that behaves, one request after the other, until the slow ones are gone. @returns its slowest request, in milliseconds */
async function serveMeanwhile(gone: Promise<unknown>, record: (outcome: Outcome) => void): Promise<number> {
  let slowest = 0;
  let over = false;
  const end = () => {
    over = true;
  };
  // Whoever called waits for it too, and says why it failed.
  gone.then(end, end);
  while (!over) {
    const start = performance.now();
    record(await download(healthy()));
    slowest = Math.max(slowest, performance.now() - start);
    await sleep(10);
  }
  return slowest;
}

/** Waits until the proxy holds no more files than before. */
async function untilEnded(filesBefore: number): Promise<void> {
  await eventually('the slow connections to be ended', ENDED_MS, async () => {
    // The client that behaves may have some at the time.
    return (await proxy.openFiles()) <= filesBefore + 10;
  });
}

async function withSlowClients(
  count: number,
  ways: readonly SlowWay[],
  record: (outcome: Outcome) => void,
): Promise<string> {
  const filesBefore = await proxy.openFiles();
  const clients: SlowClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const way = ways[index % ways.length];
    if (way !== undefined) clients.push(startSlowClient(proxy.port, way));
  }
  let most = 0;
  const gone = (async () => {
    await eventually('the slow clients to be connected', ENDED_MS, async () => {
      most = Math.max(most, await proxy.openFiles());
      return most >= count;
    });
    await untilEnded(filesBefore);
  })();
  try {
    const slowest = await serveMeanwhile(gone, record);
    await gone;
    const { peak } = await proxy.memory();
    expect(peak).toBeLessThan(LARGEST_RSS);
    return `${most} files, peak RSS ${Math.round(peak / 1e6)} MB, slowest ${Math.round(slowest)} ms`;
  } finally {
    for (const client of clients) client.hangUp();
  }
}

test(`${SLOW_CLIENTS} slow clients of every kind do not keep others from being served, and are ended`, async () => {
  const ways = Object.keys(SLOW_WAYS) as SlowWay[];
  const figures = await measure(`beside ${SLOW_CLIENTS} slow clients`, setting, (record) =>
    withSlowClients(SLOW_CLIENTS, ways, record),
  );
  expect(figures.whole).toBe(figures.requests);
});

test(`${SILENT_READERS} clients that never read their downloads give the store connections back`, async () => {
  const figures = await measure(`beside ${SILENT_READERS} that never read`, setting, (record) =>
    withSlowClients(SILENT_READERS, ['never reads'], record),
  );
  expect(figures.whole).toBe(figures.requests);
});

test('each kind is ended by its limit', async () => {
  // One that does not read does not see its end either; it is among those above.
  const ways = (Object.keys(SLOW_WAYS) as SlowWay[]).filter((way) => way !== 'never reads');
  const times = await Promise.all(
    ways.map(async (way) => {
      const client = startSlowClient(proxy.port, way);
      try {
        const late = sleep(ENDED_MS, Number.POSITIVE_INFINITY, { ref: false });
        return [way, await Promise.race([client.ended, late])] as const;
      } finally {
        client.hangUp();
      }
    }),
  );
  for (const [way, milliseconds] of times) {
    expect(milliseconds, way).toBeGreaterThan(LIMIT_SECONDS * 900);
    expect(milliseconds, way).toBeLessThan(ENDED_MS);
  }
});

test('200 clients that hang up halfway leave no store connection behind', async () => {
  await measure('200 hang up halfway', setting, async (record) => {
    const hangUp = async (bytes: number) => {
      const socket = connect(proxy.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET /large HTTP/1.1\r\nHost: proxy\r\n\r\n');
      let seen = 0;
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        seen += chunk.length;
        if (seen >= bytes) break;
      }
      socket.destroy();
      record({ kind: 'aborted', received: seen });
    };
    for (let wave = 0; wave < 10; wave += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => hangUp((index * LARGE) / 100)));
    }
    record(await download(healthy()));
  });
});

describe('with few connections to the store', () => {
  const CONNECTIONS = 8;
  let few: Setting;
  beforeAll(async () => {
    const own = await startProxy(directory, {
      ...store.environment,
      S3_MAX_CONNECTIONS: String(CONNECTIONS),
      S3_IDLE_TIMEOUT_SECONDS: '2',
    });
    running.push(own);
    few = { ...setting, proxy: own };
  });

  test('more clients that do not read do not keep others from the store, and can go on', async () => {
    const figures = await measure('8 connections, 24 that stall', few, async (record) => {
      const { promise: end, resolve: goOn } = Promise.withResolvers<void>();
      const stalled = Array.from({ length: 24 }, () => {
        let first = true;
        return download({ port: few.proxy.port, path: '/medium', expected: medium }, async () => {
          if (first) await end;
          first = false;
        });
      });
      const start = performance.now();
      while (performance.now() - start < 6_000) {
        record(await download({ port: few.proxy.port, path: '/small', expected: small }));
      }
      await eventually('the stalled ones to give their connections back', ENDED_MS, async () => {
        return (await few.proxy.connectionsTo(store.port)) <= 1;
      });
      goOn();
      for (const outcome of await Promise.all(stalled)) record(outcome);
    });
    expect(figures.whole).toBe(figures.requests);
    expect(figures.resumedBodies).toBeGreaterThanOrEqual(24);
  });

  test('a client that sends many requests at once has one answered at a time', async () => {
    const figures = await measure('8 connections, 60 requests at once', few, async (record) => {
      const socket = connect(few.proxy.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.pause();
      try {
        socket.write('GET /large HTTP/1.1\r\nHost: proxy\r\n\r\n'.repeat(60));
        for (let round = 0; round < 50; round += 1) {
          record(await download({ port: few.proxy.port, path: '/small', expected: small }));
          // The other one may be the probe of the bucket.
          expect((await few.proxy.pool()).busy).toBeLessThanOrEqual(2);
        }
      } finally {
        socket.destroy();
      }
    });
    expect(figures.whole).toBe(figures.requests);
  });
});

test('what is sent behind a request that ends the connection is not worked on', async () => {
  const figures = await measure('20 times 50 requests behind the last', setting, async (record) => {
    const asked = async () => totalOf(await proxy.metrics(), 's3proxy_store_requests_total');
    const before = await asked();
    const last = 'POST / HTTP/1.1\r\nHost: a\r\n\r\n';
    const behind = 'GET /large HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(proxy.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        socket.write(last + behind);
        await new Promise((resolve) => socket.once('close', resolve));
      }),
    );
    record(await download(healthy()));
    // That one, and perhaps the probe of the bucket.
    expect((await asked()) - before).toBeLessThanOrEqual(2);
  });
  expect(figures.whole).toBe(1);
});

test('a flood of requests on one connection ends that connection', async () => {
  const figures = await measure('100,000 requests at once', setting, async (record) => {
    const socket = connect(proxy.port, '127.0.0.1');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('GET /missing HTTP/1.1\r\nHost: proxy\r\n\r\n'.repeat(100_000));
    record(await download(healthy()));
    await ended;
    record(await download(healthy()));
  });
  expect(figures.whole).toBe(2);
});
