import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ask } from '../../proxy/src/testing/http-client.ts';
import { type Served, serve } from '../../proxy/src/testing/serve.ts';
import { type Store, startStore } from './store.ts';

let store: Store;
const running: Served[] = [];

beforeAll(async () => {
  store = await startStore();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
afterAll(() => store?.stop());

/** A proxy that keeps objects for so many seconds before it asks again. */
async function cached(ttlSeconds: number, of: Store = store): Promise<Served> {
  const served = await serve('', {
    ...of.environment,
    CACHE_MAX_BYTES: 8 * 1024 * 1024,
    CACHE_MAX_OBJECT_BYTES: 100_000,
    CACHE_TTL_SECONDS: ttlSeconds,
  });
  running.push(served);
  return served;
}

async function count({ registry }: Served, series: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

test('a fresh object is answered from memory: whole, in parts, by HEAD and by condition', async () => {
  const served = await cached(3600);
  await store.put('fresh.txt', 'first version');
  const first = await ask(served.port, '/fresh.txt');
  expect(first.field('age')).toBeUndefined();
  await store.put('fresh.txt', 'second');
  const again = await ask(served.port, '/fresh.txt');
  expect(again.body.toString()).toBe('first version');
  expect(again.field('etag')).toBe(first.field('etag'));
  expect(again.field('age')).toMatch(/^\d+$/);
  const range = { headers: { Range: 'bytes=-7' } };
  expect((await ask(served.port, '/fresh.txt', range)).body.toString()).toBe('version');
  expect((await ask(served.port, '/fresh.txt', { method: 'HEAD' })).field('content-length')).toBe('13');
  const condition = { headers: { 'If-None-Match': first.field('etag') ?? '' } };
  expect((await ask(served.port, '/fresh.txt', condition)).status).toBe(304);
  const parts = await ask(served.port, '/fresh.txt', { headers: { Range: 'bytes=0-0,-1' } });
  expect(parts.status).toBe(206);
  expect(await count(served, 's3proxy_store_requests_total{result="ok"}')).toBe(1);
});

test('with no time to be fresh, the store is asked each time, and every change is seen', async () => {
  const served = await cached(0);
  await store.put('changing.txt', 'first', { ContentType: 'text/plain' });
  const get = () => ask(served.port, '/changing.txt');
  // The second in which it was written has to be over before its entity tag can be relied upon.
  await vi.waitFor(
    async () => {
      expect((await get()).body.toString()).toBe('first');
      expect(await count(served, 's3proxy_cache_requests_total{result="revalidated"}')).toBeGreaterThan(0);
    },
    { timeout: 30_000, interval: 200 },
  );
  await store.put('changing.txt', 'second', { ContentType: 'text/plain' });
  expect((await get()).body.toString()).toBe('second');
  await store.put('changing.txt', 'second', { ContentType: 'text/css' });
  expect((await get()).field('content-type')).toBe('text/css');
  await store.s3.send(new DeleteObjectCommand({ Bucket: store.bucket, Key: 'changing.txt' }));
  expect((await get()).status).toBe(404);
});

test('requests at the same time ask the store once', async () => {
  const served = await cached(3600);
  const bytes = randomBytes(90_000);
  await store.put('crowd.bin', bytes);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(served.port, '/crowd.bin')));
  for (const { body } of answers) expect(body.equals(bytes)).toBe(true);
  expect(await count(served, 's3proxy_store_requests_total{result="ok"}')).toBe(1);
});

test('objects that are too large, or not for keeping, pass through', async () => {
  const served = await cached(3600);
  const bytes = randomBytes(3_000_000);
  await store.put('large.bin', bytes);
  await store.put('secret.txt', 'secret', { CacheControl: 'no-store' });
  const paths = ['/large.bin', '/secret.txt', '/large.bin', '/secret.txt', '/large.bin'];
  const answers = await Promise.all(paths.map((path) => ask(served.port, path)));
  for (const { body } of [answers[0], answers[2], answers[4]].map((answer) => answer ?? expect.fail()))
    expect(body.equals(bytes)).toBe(true);
  expect(answers[3]?.body.toString()).toBe('secret');
  expect(await count(served, 's3proxy_cache_objects')).toBe(0);
});

test('when the store is gone, what is in memory is served on', async () => {
  const own = await startStore();
  try {
    const served = await cached(0, own);
    await own.put('kept.txt', 'kept');
    expect((await ask(served.port, '/kept.txt')).status).toBe(200);
    await own.stop();
    expect((await ask(served.port, '/kept.txt')).body.toString()).toBe('kept');
    expect((await ask(served.port, '/other.txt')).status).toBe(502);
    expect(await count(served, 's3proxy_cache_requests_total{result="stale"}')).toBe(1);
  } finally {
    await own.stop();
  }
});
