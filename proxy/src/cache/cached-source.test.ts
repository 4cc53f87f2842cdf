import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ObjectRequest, StoredObject } from '../s3/object-source.ts';
import { Operation } from '../s3/operation.ts';
import type { StoreErrorKind } from '../s3/store-error.ts';
import { CachedSource, type CacheOptions } from './cached-source.ts';
import { RETRY_AFTER_MS } from './freshness.ts';
import { type Clock, FakeStore } from './testing/fake-store.ts';
import { Reader } from './testing/reader.ts';

const START = Date.UTC(2026, 0, 1);
const FRESH = 60_000;
const BACKGROUND = 10_000;
const ON_ERROR = 300_000;

let clock: Clock;
let store: FakeStore;
let lookUps: string[];

beforeEach(() => {
  clock = { now: START };
  store = new FakeStore(clock);
  lookUps = [];
});

function cached(options: Partial<CacheOptions> = {}): CachedSource {
  return new CachedSource(store, {
    maxBytes: 1024 * 1024,
    maxObjectBytes: 100_000,
    rules: { fresh: FRESH, staleWhileRevalidate: 0, staleIfError: ON_ERROR },
    onLookUp: (result) => lookUps.push(result),
    now: () => clock.now,
    ...options,
  });
}

/** Writes an object some time before anybody reads it. */
function putLongAgo(key: string, bytes: Buffer | string, headers = {}): void {
  store.put(key, bytes, headers);
  clock.now += 10_000;
}

async function get(source: CachedSource, request: Partial<ObjectRequest> = {}): Promise<StoredObject> {
  return source.open({ key: 'k', method: 'GET', ...request }, new Operation());
}

async function text(source: CachedSource, request: Partial<ObjectRequest> = {}): Promise<string> {
  const reader = new Reader((await get(source, request)).body);
  expect(reader.state).toBe('whole');
  return reader.bytes.toString();
}

function kindOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => 'answer',
    (error) => error.kind ?? error,
  );
}

describe('in memory', () => {
  test('an object is read from the store once', async () => {
    const source = cached();
    store.put('k', 'hello');
    expect(await text(source)).toBe('hello');
    expect(await text(source)).toBe('hello');
    clock.now += FRESH - 1;
    expect(await text(source)).toBe('hello');
    expect(store.calls).toHaveLength(1);
    expect(lookUps).toEqual(['miss', 'hit', 'hit']);
  });

  test('the answer needs no promise', async () => {
    const source = cached();
    store.put('k', 'hello');
    await text(source);
    expect(source.open({ key: 'k', method: 'GET' }, new Operation())).not.toBeInstanceOf(Promise);
  });

  test('HEAD, ranges and pinned reads are answered too', async () => {
    const source = cached();
    const { headers } = store.put('k', 'hello');
    await text(source);
    const head = await get(source, { method: 'HEAD' });
    expect(head).toMatchObject({ size: 5, range: undefined, headers });
    expect(new Reader(head.body)).toMatchObject({ state: 'whole', bytes: Buffer.alloc(0) });
    expect(await text(source, { range: { first: 1, last: 2 } })).toBe('el');
    expect(await text(source, { range: { suffix: 2 } })).toBe('lo');
    expect((await get(source, { range: { first: 3, last: 99 } })).range).toEqual({ first: 3, last: 4 });
    expect(await text(source, { ifMatch: headers.etag })).toBe('hello');
    await expect(get(source, { range: { first: 5, last: undefined } })).rejects.toMatchObject({
      kind: 'range',
      actualSize: 5,
    });
    expect(store.calls).toHaveLength(1);
  });

  test('it says how long ago the store vouched for it, and nothing right after that', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    expect((await get(source)).age).toBeUndefined();
    clock.now += 2_999;
    expect((await get(source)).age).toBe(2);
    expect((await get(source, { method: 'HEAD' })).age).toBe(2);
    clock.now += FRESH;
    expect((await get(source)).age).toBeUndefined();
  });

  test('an empty object is kept', async () => {
    const source = cached();
    store.put('k', '');
    expect(await text(source)).toBe('');
    expect(await text(source)).toBe('');
    expect(store.calls).toHaveLength(1);
  });

  test('a missing object is asked for each time', async () => {
    const source = cached();
    expect(await kindOf(get(source))).toBe('not-found');
    expect(await kindOf(get(source))).toBe('not-found');
    store.put('k', 'here now');
    expect(await text(source)).toBe('here now');
    expect(store.calls).toHaveLength(3);
  });

  test('who insists on another version is sent to the store', async () => {
    const source = cached();
    store.put('k', 'old');
    await text(source);
    const { headers } = store.put('k', 'new');
    expect(await text(source, { ifMatch: headers.etag })).toBe('new');
    expect(await kindOf(get(source, { ifMatch: '"neither"' }))).toBe('changed');
  });

  test.each(['no-store', 'private, max-age=60'])('an object marked %s is not kept', async (cacheControl) => {
    const source = cached();
    store.put('k', 'hello', { 'cache-control': cacheControl });
    expect(await text(source)).toBe('hello');
    expect(await text(source)).toBe('hello');
    expect(store.calls).toHaveLength(2);
    expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
    expect(lookUps).toEqual(['miss', 'bypass']);
  });

  test('an object that is too large is not kept, and read at the pace of its reader', async () => {
    const source = cached({ maxObjectBytes: 9_999 });
    store.bodiesWait = true;
    store.put('k', Buffer.alloc(10_000));
    const reader = new Reader((await get(source)).body, true);
    const [delivery] = store.deliveries;
    delivery?.send(5_000);
    expect(delivery?.isPaused).toBe(true);
    reader.resume();
    expect(delivery?.isPaused).toBe(false);
    delivery?.send();
    expect(reader).toMatchObject({ state: 'whole', bytes: Buffer.alloc(10_000) });
    expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
  });

  test('an object that has become small enough is kept after a minute', async () => {
    const source = cached({ maxObjectBytes: 3 });
    store.put('k', 'large');
    await text(source);
    store.put('k', 'now');
    await text(source);
    expect(source.stats().objects).toBe(0);
    clock.now += 60_000;
    await text(source);
    expect(source.stats().objects).toBe(1);
  });

  test('Range: bytes=0- brings the whole object into memory', async () => {
    const source = cached();
    store.put('k', 'hello');
    const object = await get(source, { range: { first: 0, last: undefined } });
    expect(object).toMatchObject({ size: 5, range: { first: 0, last: 4 } });
    expect(await text(source)).toBe('hello');
    expect(store.calls).toHaveLength(1);
  });

  test('Range: bytes=0- of what is not kept is answered as a range', async () => {
    const source = cached({ maxObjectBytes: 3 });
    store.put('k', 'hello');
    const object = await get(source, { range: { first: 0, last: undefined } });
    expect(object).toMatchObject({ size: 5, range: { first: 0, last: 4 } });
    store.put('empty', '', { 'cache-control': 'no-store' });
    const empty = get(source, { key: 'empty', range: { first: 0, last: undefined } });
    expect(await kindOf(empty)).toBe('range');
  });

  test('other ranges and HEAD of what is not there go to the store as they are', async () => {
    const source = cached();
    store.put('k', 'hello');
    expect(await text(source, { range: { first: 1, last: 1 } })).toBe('e');
    await get(source, { method: 'HEAD' });
    expect(store.calls).toMatchObject([{ range: { first: 1, last: 1 } }, { method: 'HEAD' }]);
    expect(source.stats().objects).toBe(0);
  });

  test('HEAD before a GET brings the object along', async () => {
    const source = cached();
    store.put('k', 'hello');
    expect(await get(source, { method: 'HEAD', expectsBody: true })).toMatchObject({ size: 5 });
    expect(await text(source)).toBe('hello');
    expect(store.calls).toHaveLength(1);
  });

  test('HEAD before a GET of what is not kept is answered by what has come', async () => {
    const source = cached({ maxObjectBytes: 3 });
    store.bodiesWait = true;
    store.put('k', 'hello');
    expect(await get(source, { method: 'HEAD', expectsBody: true })).toMatchObject({ size: 5 });
    expect(store.deliveries).toMatchObject([{ isCanceled: true }]);
    expect(store.calls).toHaveLength(1);
  });
});

describe('revalidation', () => {
  test('an object that has not changed is good for as long again', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    clock.now += FRESH;
    expect(await text(source)).toBe('hello');
    clock.now += FRESH - 1;
    expect(await text(source)).toBe('hello');
    expect(store.calls).toMatchObject([{ method: 'GET' }, { ifNoneMatch: expect.any(String) }]);
    expect(store.deliveries).toHaveLength(1);
    expect(lookUps).toEqual(['miss', 'revalidated', 'hit']);
  });

  test('an object that has changed takes the place of the old one', async () => {
    const source = cached();
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.put('k', 'new');
    expect(await text(source)).toBe('new');
    expect(await text(source)).toBe('new');
    expect(store.calls).toHaveLength(2);
    expect(source.stats().objects).toBe(1);
    expect(lookUps).toEqual(['miss', 'miss', 'hit']);
  });

  test('HEAD and ranges revalidate as well', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    clock.now += FRESH;
    await get(source, { method: 'HEAD' });
    expect(await text(source, { range: { suffix: 2 } })).toBe('lo');
    clock.now += FRESH;
    expect(await text(source, { range: { suffix: 2 } })).toBe('lo');
    store.put('k', 'other bytes');
    clock.now += FRESH;
    expect(await text(source, { range: { suffix: 5 } })).toBe('bytes');
    expect(store.calls).toHaveLength(4);
  });

  test.each([true, false])('changed metadata is seen, the 304 dated: %s', async (datesIn304) => {
    const source = cached();
    store.datesIn304 = datesIn304;
    putLongAgo('k', 'same');
    await text(source);
    clock.now += FRESH;
    store.put('k', 'same', { 'content-type': 'text/css' });
    expect((await get(source)).headers['content-type']).toBe('text/css');
    clock.now += FRESH;
    expect((await get(source)).headers['content-type']).toBe('text/css');
  });

  test('what a 304 says of itself is not taken for the object', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    const { headers } = await get(source);
    clock.now += FRESH;
    expect((await get(source)).headers).toEqual(headers);
  });

  test('an object written again in the second it was read is seen', async () => {
    const source = cached();
    store.put('k', 'same');
    await text(source);
    store.put('k', 'same', { 'content-type': 'text/css' });
    clock.now += FRESH;
    expect((await get(source)).headers['content-type']).toBe('text/css');
  });

  test('its own no-cache means asking each time', async () => {
    const source = cached();
    putLongAgo('k', 'hello', { 'cache-control': 'no-cache' });
    await text(source);
    await text(source);
    await text(source);
    expect(store.calls).toHaveLength(3);
    expect(store.deliveries).toHaveLength(1);
  });

  test.each<StoreErrorKind>(['not-found', 'credentials', 'bucket', 'archived', 'protocol'])(
    'an answer of kind %s is passed on, and the object is gone',
    async (kind) => {
      const source = cached({ rules: { fresh: FRESH, staleWhileRevalidate: 0, staleIfError: ON_ERROR } });
      putLongAgo('k', 'hello');
      await text(source);
      clock.now += FRESH;
      store.failure = kind;
      expect(await kindOf(get(source))).toBe(kind);
      expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
      store.failure = 'connection';
      expect(await kindOf(get(source))).toBe('connection');
    },
  );
});

describe('stale while revalidating', () => {
  const rules = { fresh: FRESH, staleWhileRevalidate: BACKGROUND, staleIfError: 0 };

  test('the old object is used at once, and the new one from then on', async () => {
    const source = cached({ rules });
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.put('k', 'new');
    store.answersWait = true;
    expect(await text(source)).toBe('old');
    expect(await text(source)).toBe('old');
    expect(store.pending).toHaveLength(1);
    store.pending[0]?.answer();
    await turn();
    expect(await text(source)).toBe('new');
    expect(store.calls).toHaveLength(2);
    expect(lookUps).toEqual(['miss', 'stale', 'stale', 'hit']);
  });

  test('not for longer than allowed: then readers wait for the answer under way', async () => {
    const source = cached({ rules });
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.put('k', 'new');
    store.answersWait = true;
    expect(await text(source)).toBe('old');
    clock.now += BACKGROUND;
    const answer = text(source);
    store.pending[0]?.answer();
    expect(await answer).toBe('new');
    expect(store.calls).toHaveLength(2);
  });

  test('no longer once the store has refused the object', async () => {
    const source = cached({ rules });
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.delete('k');
    expect(await text(source)).toBe('old');
    await turn();
    expect(await kindOf(get(source))).toBe('not-found');
  });

  test('a failing store is not asked on every request', async () => {
    const source = cached({ rules });
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.failure = 'server';
    for (let i = 0; i < 5; i++) {
      expect(await text(source)).toBe('old');
      await turn();
    }
    expect(store.calls).toHaveLength(2);
  });

  test('must-revalidate forbids it', async () => {
    const source = cached({ rules });
    putLongAgo('k', 'old', { 'cache-control': 'must-revalidate' });
    await text(source);
    clock.now += FRESH;
    store.put('k', 'new');
    expect(await text(source)).toBe('new');
  });
});

describe('stale on error', () => {
  test.each<StoreErrorKind>(['connection', 'timeout', 'server', 'slow-down'])(
    'a failure of kind %s is bridged for as long as allowed',
    async (kind) => {
      const source = cached();
      putLongAgo('k', 'hello');
      await text(source);
      store.failure = kind;
      clock.now += FRESH;
      expect(await text(source)).toBe('hello');
      clock.now += ON_ERROR - 1;
      expect(await text(source)).toBe('hello');
      clock.now += 1;
      expect(await kindOf(get(source))).toBe(kind);
      expect(lookUps).toEqual(['miss', 'stale', 'stale']);
    },
  );

  test('the age goes on', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    store.failure = 'server';
    clock.now += FRESH + 7_000;
    expect((await get(source)).age).toBe(67);
  });

  test('while the store is down, one reader waits for it and the others do not', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    store.answersWait = true;
    clock.now += FRESH;
    const first = text(source);
    await turn();
    store.pending[0]?.fail('timeout');
    expect(await first).toBe('hello');
    for (let second = 0; second < 60; second++) {
      clock.now += 1_000;
      expect(await text(source)).toBe('hello');
      if (second % 10 === 9) for (const pending of store.pending) pending.fail('timeout');
      await turn();
    }
    const questions = store.calls.length - 2;
    expect(questions).toBeGreaterThan(0);
    expect(questions).toBeLessThanOrEqual(60_000 / RETRY_AFTER_MS);
  });

  test('after the store is back, nothing stale is used once it has been asked', async () => {
    const source = cached();
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.failure = 'connection';
    await text(source);
    store.failure = undefined;
    store.put('k', 'new');
    clock.now += RETRY_AFTER_MS;
    expect(await text(source)).toBe('old');
    await turn();
    expect(await text(source)).toBe('new');
  });

  test('a failure long ago is not believed any more', async () => {
    const source = cached();
    putLongAgo('k', 'old');
    await text(source);
    clock.now += FRESH;
    store.failure = 'connection';
    await text(source);
    store.failure = undefined;
    store.put('k', 'new');
    clock.now += 2 * RETRY_AFTER_MS;
    expect(await text(source)).toBe('new');
  });

  test.each(['must-revalidate', 's-maxage=60', 'no-cache'])('%s forbids it', async (cacheControl) => {
    const source = cached();
    putLongAgo('k', 'hello', { 'cache-control': cacheControl });
    await text(source);
    store.failure = 'connection';
    clock.now += FRESH;
    expect(await kindOf(get(source))).toBe('connection');
  });

  test('what is not in memory fails as ever', async () => {
    const source = cached();
    store.failure = 'server';
    expect(await kindOf(get(source))).toBe('server');
  });
});

describe('concurrent requests', () => {
  test('a hundred at once ask the store once', async () => {
    const source = cached();
    store.put('k', 'hello');
    const answers = Array.from({ length: 100 }, () => text(source));
    answers.push(text(source, { range: { first: 0, last: 4 } }));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['hello']));
    expect(store.calls).toHaveLength(1);
  });

  test('a hundred at once revalidate once', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    clock.now += FRESH;
    const answers = Array.from({ length: 100 }, () => text(source));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['hello']));
    expect(store.calls).toHaveLength(2);
  });

  test('all of them get the error, and the next request asks anew', async () => {
    const source = cached();
    const answers = Array.from({ length: 10 }, () => kindOf(get(source)));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['not-found']));
    expect(store.calls).toHaveLength(1);
    store.put('k', 'hello');
    expect(await text(source)).toBe('hello');
  });

  test('each reads at its own pace, from the first byte on', async () => {
    const source = cached();
    store.bodiesWait = true;
    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    store.put('k', bytes);
    const slow = new Reader((await get(source)).body, true);
    const [delivery] = store.deliveries;
    delivery?.send(10_000);
    const quick = new Reader((await get(source)).body);
    expect(quick.bytes).toHaveLength(10_000);
    delivery?.send(10_000);
    expect(delivery?.isPaused).toBe(false);
    expect([slow.bytes.length, quick.bytes.length]).toEqual([10_000, 20_000]);
    const part = new Reader((await get(source, { range: { first: 15_000, last: 29_999 } })).body);
    delivery?.send();
    expect(quick).toMatchObject({ state: 'whole', bytes });
    expect(part).toMatchObject({ state: 'whole', bytes: bytes.subarray(15_000, 30_000) });
    expect(slow.state).toBe('reading');
    slow.resume();
    expect(slow).toMatchObject({ state: 'whole', bytes });
    expect(store.calls).toHaveLength(1);
  });

  test('the one who asked may go, before the answer or within it', async () => {
    const source = cached();
    store.answersWait = true;
    store.bodiesWait = true;
    store.put('k', 'hello');
    const first = new Operation();
    const gone = kindOf(Promise.resolve(source.open({ key: 'k', method: 'GET' }, first)));
    const second = new Operation();
    const followers = [source.open({ key: 'k', method: 'GET' }, second), get(source)];
    first.cancel();
    first.end();
    expect(await gone).toBe('canceled');
    store.pending[0]?.answer();
    const [left, stayed] = (await Promise.all(followers)).map(({ body }) => new Reader(body));
    second.cancel();
    second.end();
    store.deliveries[0]?.send();
    expect(left?.state).toBe('reading');
    expect(stayed).toMatchObject({ state: 'whole', bytes: Buffer.from('hello') });
    expect(store.calls).toHaveLength(1);
  });

  test('when all have gone before the answer, the store is asked no longer', async () => {
    const source = cached();
    store.answersWait = true;
    store.put('k', 'hello');
    const operations = [new Operation(), new Operation()];
    const gone = operations.map((operation) =>
      kindOf(Promise.resolve(source.open({ key: 'k', method: 'GET' }, operation))),
    );
    operations[0]?.cancel();
    expect(store.pending[0]?.operation.canceled).toBe(false);
    operations[1]?.cancel();
    expect(store.pending[0]?.operation.canceled).toBe(true);
    expect(await Promise.all(gone)).toEqual(['canceled', 'canceled']);
    store.answersWait = false;
    expect(await text(source)).toBe('hello');
  });

  test('an answer that comes just as the last one goes is thrown away', async () => {
    const source = cached();
    store.answersWait = true;
    store.bodiesWait = true;
    store.put('k', 'hello');
    const operation = new Operation();
    const gone = kindOf(Promise.resolve(source.open({ key: 'k', method: 'GET' }, operation)));
    store.pending[0]?.answer();
    operation.cancel();
    operation.end();
    expect(await gone).toBe('canceled');
    await turn();
    expect(store.deliveries).toMatchObject([{ isCanceled: true }]);
    expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
  });

  test('a revalidation that nobody waits for any more leaves the object as it is', async () => {
    const source = cached();
    putLongAgo('k', 'hello');
    await text(source);
    clock.now += FRESH;
    store.answersWait = true;
    const operation = new Operation();
    const gone = kindOf(Promise.resolve(source.open({ key: 'k', method: 'GET' }, operation)));
    operation.cancel();
    expect(await gone).toBe('canceled');
    expect(source.stats().objects).toBe(1);
  });

  test('when all have gone within the answer, the object is kept all the same', async () => {
    const source = cached();
    store.bodiesWait = true;
    store.put('k', 'hello');
    const operation = new Operation();
    const { body } = await source.open({ key: 'k', method: 'GET' }, operation);
    new Reader(body);
    operation.cancel();
    operation.end();
    store.deliveries[0]?.send();
    expect(await text(source)).toBe('hello');
    expect(store.calls).toHaveLength(1);
  });

  test('of an object that is not kept, one gets the bytes and the others ask themselves', async () => {
    const source = cached({ maxObjectBytes: 3 });
    store.answersWait = true;
    store.bodiesWait = true;
    store.put('k', 'hello');
    const answers = [
      get(source, { method: 'HEAD', expectsBody: true }),
      get(source),
      get(source),
      get(source),
    ];
    store.pending[0]?.answer();
    await turn();
    // The rest of the first answer is not waited for.
    expect(store.calls).toHaveLength(3);
    for (const pending of store.pending) pending.answer();
    const readers = (await Promise.all(answers)).map(({ body }) => new Reader(body));
    for (const delivery of store.deliveries) delivery.send();
    expect(readers.map(({ bytes }) => bytes.toString())).toEqual(['', 'hello', 'hello', 'hello']);
    expect(store.deliveries.map(({ isCanceled }) => isCanceled)).toEqual([false, false, false]);
    await turn();
    // From then on nobody waits for anybody.
    const next = [get(source), get(source)];
    expect(store.calls).toHaveLength(5);
    for (const pending of store.pending) pending.answer();
    await Promise.all(next);
  });

  test('the reader of an object that is not kept takes its request with it', async () => {
    const source = cached({ maxObjectBytes: 3 });
    store.bodiesWait = true;
    store.put('k', 'hello');
    const operation = new Operation();
    await source.open({ key: 'k', method: 'GET' }, operation);
    expect(store.deliveries).toMatchObject([{ isCanceled: false }]);
    operation.cancel();
    expect(store.deliveries).toMatchObject([{ isCanceled: true }]);
  });

  test('nobody follows an object that is stale before it is whole', async () => {
    const source = cached();
    store.bodiesWait = true;
    store.put('k', 'old');
    const slow = new Reader((await get(source)).body);
    clock.now += FRESH;
    store.put('k', 'new');
    const later = new Reader((await get(source)).body);
    for (const delivery of store.deliveries) delivery.send();
    expect([slow, later].map(({ bytes }) => bytes.toString())).toEqual(['old', 'new']);
  });

  test('a body that breaks off fails its readers, and is not kept', async () => {
    const source = cached();
    store.bodiesWait = true;
    store.put('k', 'hello');
    const readers = [new Reader((await get(source)).body), new Reader((await get(source)).body)];
    store.deliveries[0]?.send(3);
    store.deliveries[0]?.breakOff();
    expect(readers).toMatchObject([{ state: { kind: 'connection' } }, { state: { kind: 'connection' } }]);
    expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
    store.bodiesWait = false;
    expect(await text(source)).toBe('hello');
  });
});

test('trace context goes along with the question', async () => {
  const source = cached();
  store.answersWait = true;
  store.put('k', 'hello');
  const answer = source.open({ key: 'k', method: 'GET' }, new Operation(['traceparent', 'x']));
  expect(store.pending[0]?.operation.traceHeaders).toEqual(['traceparent', 'x']);
  store.pending[0]?.answer();
  await answer;
});
