import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Operation } from '../s3/operation.ts';
import { CachedSource } from './cached-source.ts';
import { costOf } from './kept-object.ts';
import { FakeStore } from './testing/fake-store.ts';
import { Reader } from './testing/reader.ts';

const LARGE = 100_000;

function setUp(maxBytes: number) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const store = new FakeStore(clock);
  const source = new CachedSource(store, {
    maxBytes,
    maxObjectBytes: 10 * LARGE,
    rules: { fresh: 60_000, staleWhileRevalidate: 0, staleIfError: 0 },
    onLookUp() {},
    now: () => clock.now,
  });
  /** Reads an object for a client that is done at once, or for one that the test ends. */
  const read = async (key: string, operation?: Operation) => {
    const own = operation ?? new Operation();
    const { body } = await source.open({ key, method: 'GET' }, own);
    const reader = new Reader(body);
    if (!operation) own.end();
    return reader;
  };
  return { clock, store, source, read };
}

describe('the memory', () => {
  test('counts bytes, headers and key', async () => {
    const { store, source, read } = setUp(1_000_000);
    store.put('k', Buffer.alloc(LARGE));
    await read('k');
    const { headers } = await source.open({ key: 'k', method: 'HEAD' }, new Operation());
    expect(source.stats()).toEqual({ objects: 1, bytes: costOf('k', LARGE, headers) });
    expect(costOf('k', LARGE, headers)).toBeGreaterThan(LARGE);
    expect(costOf('longer', LARGE, headers)).toBeGreaterThan(costOf('k', LARGE, headers));
    expect(costOf('k', LARGE, { ...headers, x: 'y' })).toBeGreaterThan(costOf('k', LARGE, headers));
  });

  test('gives up what was used least recently', async () => {
    const { store, source, read } = setUp(3.5 * LARGE);
    for (const key of ['a', 'b', 'c', 'd']) store.put(key, Buffer.alloc(LARGE));
    for (const key of ['a', 'b', 'c', 'a', 'd']) await read(key);
    expect(source.stats().objects).toBe(3);
    store.calls.length = 0;
    for (const key of ['a', 'c', 'd', 'b']) await read(key);
    expect(store.calls.map(({ key }) => key)).toEqual(['b']);
  });

  test('keeps nothing larger than itself', async () => {
    const { store, source, read } = setUp(LARGE);
    store.put('k', Buffer.alloc(LARGE));
    expect((await read('k')).bytes).toHaveLength(LARGE);
    expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
  });

  test('has room for what is still on its way, or does not begin', async () => {
    const { store, source, read } = setUp(2.5 * LARGE);
    store.bodiesWait = true;
    for (const key of ['a', 'b', 'c']) store.put(key, Buffer.alloc(LARGE));
    const readers = [await read('a'), await read('b'), await read('c')];
    expect(source.stats().bytes).toBeLessThanOrEqual(2.5 * LARGE);
    for (const delivery of store.deliveries) delivery.send();
    expect(readers.map(({ state }) => state)).toEqual(['whole', 'whole', 'whole']);
    expect(source.stats().objects).toBe(2);
    // There is room again: the third was not kept for lack of it, and not because it is unfit.
    await read('c');
    expect(store.calls).toHaveLength(4);
    store.deliveries.at(-1)?.send();
    await read('c');
    expect(store.calls).toHaveLength(4);
  });

  test('counts what it has given up for as long as somebody reads it', async () => {
    const { store, source, read } = setUp(2.5 * LARGE);
    for (const key of ['a', 'b', 'c', 'd']) store.put(key, Buffer.alloc(LARGE));
    await read('a');
    await read('b');
    const slow = [new Operation(), new Operation()];
    await read('a', slow[0]);
    await read('b', slow[1]);
    // Both are in use, so giving them up would free nothing.
    await read('c');
    store.calls.length = 0;
    await read('a');
    await read('b');
    expect(store.calls).toEqual([]);
    slow[0]?.end();
    slow[1]?.cancel();
    slow[1]?.end();
    await read('c');
    await read('d');
    store.calls.length = 0;
    await read('c');
    await read('d');
    expect(store.calls).toEqual([]);
    expect(source.stats().objects).toBe(2);
  });
});

type Step =
  | { do: 'open'; key: string; method: 'GET' | 'HEAD' }
  | { do: 'finish' | 'send' | 'break' | 'put' | 'delete'; at: number };

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const SIZES = [0, 10, 5_000, LARGE, 2 * LARGE];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      key: fc.constantFrom(...KEYS),
      method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'finish' as const,
        'finish' as const,
        'send' as const,
        'send' as const,
        'break' as const,
        'put' as const,
        'delete' as const,
      ),
      at: fc.nat({ max: 29 }),
    }),
  },
);

test('never holds more than its limit, and forgets nothing that it counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const limit = 3.3 * LARGE;
      const { clock, store, source } = setUp(limit);
      store.bodiesWait = true;
      const operations: Operation[] = [];
      const put = (at: number) =>
        store.put(KEYS[at % KEYS.length] ?? '', Buffer.alloc(SIZES[at % SIZES.length] ?? 0, at));
      for (let at = 0; at < KEYS.length; at++) put(at);
      for (const taken of steps) {
        clock.now += 20_000;
        if (taken.do === 'open') {
          const operation = new Operation();
          operations.push(operation);
          const { key, method } = taken;
          // A reader that takes one chunk and then nothing; its operation holds the object until it ends.
          Promise.resolve(source.open({ key, method }, operation)).then(
            ({ body }) => void new Reader(body, true),
            () => {},
          );
          await turn();
        } else if (taken.do === 'finish') {
          const operation = operations[taken.at % (operations.length || 1)];
          if (taken.at % 2 === 0) operation?.cancel();
          operation?.end();
        } else if (taken.do === 'send' || taken.do === 'break') {
          const delivery = store.deliveries.splice(taken.at % (store.deliveries.length || 1), 1)[0];
          if (taken.do === 'send') delivery?.send();
          else if (!delivery?.isCanceled) delivery?.breakOff();
        } else if (taken.do === 'put') {
          put(taken.at);
        } else {
          store.delete(KEYS[taken.at % KEYS.length] ?? '');
        }
        await turn();
        const { bytes } = source.stats();
        expect(bytes).toBeGreaterThanOrEqual(0);
        expect(bytes).toBeLessThanOrEqual(limit);
      }
      for (const delivery of store.deliveries) delivery.send();
      for (const operation of operations) operation.end();
      store.bodiesWait = false;
      for (const key of KEYS) {
        store.delete(key);
        clock.now += 1_000_000;
        await Promise.resolve(source.open({ key, method: 'GET' }, new Operation())).catch(() => {});
      }
      expect(source.stats()).toEqual({ objects: 0, bytes: 0 });
    }),
    { numRuns: 200 },
  );
}, 60_000);
