import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Store, startStore } from '../s3/store.ts';
import { type Download, download, type Outcome } from './download.ts';
import { measure, type Setting } from './measure.ts';
import { startProxy } from './proxy-process.ts';
import { startToxiproxy, type Toxiproxy } from './toxiproxy.ts';

// The proxy reads from a real S3 server through Toxiproxy, which spoils the network between them. Whatever it does, a client gets the right
// bytes or sees a failure: `download` throws otherwise.

const SMALL = 10_000;
const LARGE = 2 ** 22;
const KIBIBYTE = 1024;
/** The store's response head is shorter than this, and longer than a tenth of it. */
const LONGEST_HEAD = 2_000;
/** The limit for each: connection, response head, silence within a body. Also how long a request may wait for the first of them. */
const STORE_LIMIT_SECONDS = 3;
const BACK_MS = 20_000;

const objects = new Map<string, Buffer>();
let directory: string;
let store: Store;
let toxiproxy: Toxiproxy;
let setting: Setting;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-faults-'));
  store = await startStore();
  running.push(store);
  toxiproxy = await startToxiproxy(directory, store.port);
  running.push(toxiproxy);
  const limit = String(STORE_LIMIT_SECONDS);
  const proxy = await startProxy(directory, {
    ...store.environment,
    AWS_ENDPOINT_URL_S3: `http://${toxiproxy.address}:${toxiproxy.port}`,
    S3_CONNECT_TIMEOUT_SECONDS: limit,
    S3_RESPONSE_TIMEOUT_SECONDS: limit,
    S3_IDLE_TIMEOUT_SECONDS: limit,
  });
  running.push(proxy);
  setting = { proxy, storePort: toxiproxy.port, calmPath: '/small', heal: () => toxiproxy.heal() };
  for (const [key, size] of [
    ['empty', 0],
    ['small', SMALL],
    ['large', LARGE],
  ] as const) {
    const body = randomBytes(size);
    objects.set(key, body);
    await store.put(key, body);
  }
});
afterEach(() => toxiproxy?.heal());
afterAll(async () => {
  for (const each of running.reverse()) await each.stop();
  await rm(directory, { recursive: true, force: true });
});

function get(key: string, first?: number, last?: number): Download {
  const whole = objects.get(key) ?? Buffer.alloc(0);
  const target = { port: setting.proxy.port, path: `/${key}` };
  if (first === undefined || last === undefined) return { ...target, expected: whole };
  return { ...target, expected: whole.subarray(first, last + 1), range: `bytes=${first}-${last}` };
}

/** One of each kind of request. */
const mixture = (): Download[] => [
  get('empty'),
  get('small'),
  get('large'),
  get('large', 1_000_000, 2_999_999),
];

async function all(downloads: readonly Download[], record: (outcome: Outcome) => void): Promise<void> {
  await Promise.all(downloads.map(async (each) => record(await download(each))));
}

/** Starts a download and waits until so many bytes of it have come, or it has ended. */
async function begin(what: Download, bytes: number): Promise<{ ended: Promise<Outcome> }> {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const ended = download(what, async (received) => {
    if (received >= bytes) resolve();
  });
  await Promise.race([begun, ended]);
  return { ended };
}

const repeat = <T>(times: number, make: () => T[]): T[] => Array.from({ length: times }, make).flat();

test('latency and jitter cost time and nothing else', async () => {
  const figures = await measure('latency 80 ± 60 ms', setting, async (record) => {
    await toxiproxy.spoil({ type: 'latency', attributes: { latency: 80, jitter: 60 } });
    for (let round = 0; round < 5; round += 1) await all(repeat(2, mixture), record);
  });
  expect(figures.whole).toBe(figures.requests);
});

test('latency beyond the limits is a 504', async () => {
  const figures = await measure('latency beyond the limits', setting, async (record) => {
    await toxiproxy.spoil({
      type: 'latency',
      attributes: { latency: STORE_LIMIT_SECONDS * 2_000, jitter: 0 },
    });
    await all(mixture(), record);
  });
  expect(figures.statuses).toEqual({ 504: figures.requests });
});

test('little bandwidth costs time and nothing else', async () => {
  const figures = await measure('bandwidth 3 MB/s, in pieces', setting, async (record) => {
    await toxiproxy.spoil(
      { type: 'bandwidth', attributes: { rate: 3_000 } },
      { type: 'slicer', attributes: { average_size: 10_000, size_variation: 9_000, delay: 10 } },
    );
    await all(repeat(2, mixture), record);
  });
  expect(figures.whole).toBe(figures.requests);
});

test('connections that are reset at any time', async () => {
  // Whether a body goes on depends on when the next connection is made; that it does so is shown in store-answers.test.ts.
  await measure('reset in the middle', setting, async (record) => {
    for (let round = 0; round < 20; round += 1) {
      await toxiproxy.spoil({ type: 'bandwidth', attributes: { rate: 10_000 } });
      const { ended } = await begin(get('large'), Math.random() * LARGE * 0.8);
      // Toxiproxy resets a connection at its next bytes.
      await toxiproxy.worsen({ type: 'reset_peer', attributes: { timeout: 0 } });
      await sleep(Math.random() * 40);
      await toxiproxy.heal();
      record(await ended);
    }
  });
});

test('connections that end after any number of bytes', async () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: LONGEST_HEAD }),
    fc.integer({ min: 0, max: 300 * KIBIBYTE }),
  );
  // Each connection gives its first bytes only. So a body goes on where the last one ended, or there is none when not even the head comes through.
  const truncation = size.chain((bytes) =>
    fc.record({
      bytes: fc.constant(bytes),
      limit: fc.oneof(
        fc.integer({ min: 0, max: LONGEST_HEAD }),
        fc.integer({ min: LONGEST_HEAD + Math.floor(bytes / 10), max: LONGEST_HEAD + bytes }),
      ),
      ranged: fc.boolean(),
    }),
  );
  let count = 0;
  const figures = await measure('truncated after any byte', setting, (record) =>
    fc.assert(
      fc.asyncProperty(truncation, async ({ bytes, limit, ranged }) => {
        // Small connections cannot carry a large body: that would be thousands of them.
        fc.pre(limit > LONGEST_HEAD || bytes <= LONGEST_HEAD * 5);
        const key = `truncated-${count++}`;
        objects.set(key, randomBytes(bytes));
        await store.put(key, objects.get(key) ?? Buffer.alloc(0));
        await toxiproxy.spoil({ type: 'limit_data', attributes: { bytes: limit } });
        record(await download(ranged && bytes > 2 ? get(key, 1, bytes - 2) : get(key)));
        objects.delete(key);
      }),
      { numRuns: 120 },
    ),
  );
  expect(figures.whole).toBeGreaterThan(0);
  expect(figures.resumedBodies).toBeGreaterThan(0);
});

test('a truncated body that is closed late goes on', async () => {
  const figures = await measure('truncated, closed late', setting, async (record) => {
    await toxiproxy.spoil(
      { type: 'limit_data', attributes: { bytes: LARGE - 1_000_000 } },
      { type: 'slow_close', attributes: { delay: STORE_LIMIT_SECONDS * 3_000 } },
    );
    await all([get('large'), get('large'), get('large', 10, LARGE - 10)], record);
  });
  expect(figures.whole).toBe(figures.requests);
  expect(figures.resumedBodies).toBeGreaterThanOrEqual(figures.requests);
});

test('a stall before the answer is a 504', async () => {
  const figures = await measure('stall before the answer', setting, async (record) => {
    await toxiproxy.spoil({ type: 'timeout', attributes: { timeout: 0 } });
    await all(mixture(), record);
  });
  expect(figures.statuses).toEqual({ 504: figures.requests });
});

test('a stall in the middle is waited out, within limits', async () => {
  const figures = await measure('stall in the middle, then mended', setting, async (record) => {
    await toxiproxy.spoil({ type: 'bandwidth', attributes: { rate: 1_000 } });
    const { ended } = await begin(get('large'), 100_000);
    await toxiproxy.worsen({ type: 'timeout', attributes: { timeout: 0 } });
    // In the middle of the second silence: the first one has been given up.
    await sleep(STORE_LIMIT_SECONDS * 1_500);
    await toxiproxy.heal();
    record(await ended);
  });
  expect(figures.whole).toBe(figures.requests);
  expect(figures.resumedBodies).toBeGreaterThan(0);
});

test('a stall for ever cuts the client off', async () => {
  const figures = await measure('stall for ever', setting, async (record) => {
    await toxiproxy.spoil({ type: 'bandwidth', attributes: { rate: 1_000 } });
    const { ended } = await begin(get('large'), 100_000);
    await toxiproxy.worsen({ type: 'timeout', attributes: { timeout: 0 } });
    record(await ended);
  });
  expect(figures.aborted).toBe(figures.requests);
});

test('the network to the store goes away and comes back', async () => {
  const figures = await measure('network down and back', setting, async (record) => {
    await toxiproxy.spoil({ type: 'bandwidth', attributes: { rate: 1_000 } });
    const underWay = await Promise.all([begin(get('large'), 1), begin(get('large', 5, LARGE - 5), 1)]);
    await toxiproxy.cut();
    for (const { ended } of underWay) record(await ended);
    for (let round = 0; round < 3; round += 1) await all(mixture(), record);
    await toxiproxy.heal();
    await backToNormal();
    await all(repeat(4, mixture), record);
  });
  expect(figures).toMatchObject({ aborted: 2, statuses: { 502: 12 }, whole: 16 });
});

test('the store dies and comes back', async () => {
  const figures = await measure('store killed and started', setting, async (record) => {
    await toxiproxy.spoil({ type: 'bandwidth', attributes: { rate: 1_000 } });
    const underWay = await Promise.all([begin(get('large'), 1), begin(get('large', 5, LARGE - 5), 1)]);
    await store.kill();
    for (const { ended } of underWay) record(await ended);
    await all(mixture(), record);
    await toxiproxy.heal();
    await store.start();
    await backToNormal();
    await all(repeat(4, mixture), record);
  });
  // Toxiproxy may still hold the rest of what was under way.
  expect(figures.statuses).toEqual({ 502: 4 });
  expect(figures.whole).toBeGreaterThanOrEqual(16);
});

/** The first request after trouble may still meet it: the budget for retries may be spent. */
async function backToNormal(): Promise<void> {
  await eventually('requests to succeed again', BACK_MS, async () => {
    return (await download(get('small'))).kind === 'whole';
  });
}
