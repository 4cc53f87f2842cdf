import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Body } from '../s3/body.ts';
import type { ObjectRequest, StoredObject } from '../s3/object-source.ts';
import { Operation } from '../s3/operation.ts';
import type { StoreErrorKind } from '../s3/store-error.ts';
import type { StoreHeaders } from '../s3/transport/response-head.ts';
import { CachedSource } from './cached-source.ts';
import { type FreshnessRules, freshnessOf, RETRY_AFTER_MS } from './freshness.ts';
import { describe, FakeStore, type Version } from './testing/fake-store.ts';
import { Reader } from './testing/reader.ts';

type Command =
  | { do: 'put'; key: string; bytes: string; headers: StoreHeaders }
  | { do: 'delete'; key: string }
  | { do: 'advance'; ms: number }
  | { do: 'condition'; failure: StoreErrorKind | undefined }
  | { do: 'open'; request: ObjectRequest; pin: boolean };

const key = fc.constantFrom('a', 'b');
const position = fc.integer({ min: 0, max: 6 });
const range = fc.oneof(
  fc
    .record({ first: position, last: fc.option(position, { nil: undefined }) })
    .filter(({ first, last }) => last === undefined || last >= first),
  position.map((suffix) => ({ suffix })),
);
const request: fc.Arbitrary<ObjectRequest> = fc.oneof(
  fc.record({ key, method: fc.constant('GET' as const) }),
  fc.record({ key, method: fc.constant('GET' as const), range }),
  fc.record({ key, method: fc.constant('HEAD' as const), expectsBody: fc.boolean() }),
);
const headers: fc.Arbitrary<StoreHeaders> = fc.oneof(
  fc.constantFrom({}, {}, { 'content-type': 'text/css' }, { 'content-type': 'text/html' }),
  fc
    .constantFrom('no-store', 'no-cache', 'max-age=1', 'max-age=3, must-revalidate', 'max-age=3600')
    .map((value) => ({ 'cache-control': value })),
);
const change: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('put'),
      key,
      bytes: fc.constantFrom('', 'one', 'two', 'too large'),
      headers,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), key }) },
) as fc.Arbitrary<Command>;
const advance: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('advance'),
  ms: fc.constantFrom(100, 400, 1_000, 2_000, 4_999, 5_000, 12_000),
});
const open: fc.Arbitrary<Command> = fc.record({ do: fc.constant('open'), request, pin: fc.boolean() });
const condition: fc.Arbitrary<Command> = fc.record({
  do: fc.constant('condition'),
  failure: fc.constantFrom<StoreErrorKind | undefined>(
    undefined,
    undefined,
    'connection',
    'server',
    'credentials',
  ),
});

const rules: fc.Arbitrary<FreshnessRules> = fc.record({
  fresh: fc.constantFrom(0, 2_000, 5_000),
  staleWhileRevalidate: fc.constantFrom(0, 3_000),
  staleIfError: fc.constantFrom(0, 4_000, 20_000),
});

const TRANSIENT = new Set<StoreErrorKind | undefined>(['connection', 'server']);

/** An answer in a form that can be compared: everything a client could see. */
async function observe(answer: () => StoredObject | Promise<StoredObject>): Promise<unknown> {
  try {
    const { size, range: part, headers: all, body } = await answer();
    const reader = new Reader(body);
    const { date, 'content-length': length, ...shown } = all;
    return { size, range: part, headers: shown, bytes: reader.bytes.toString(), state: reader.state };
  } catch (error) {
    const { kind, actualSize } = error as { kind: StoreErrorKind; actualSize: number | undefined };
    return { kind, actualSize };
  }
}

/** What the store itself would say, given an object as it was at some time. */
function answerOf(version: Version | undefined, asked: ObjectRequest): Promise<unknown> {
  return observe(() => {
    const { bytes, ...described } = describe(version, asked);
    return { ...described, body: Body.whole(asked.method === 'HEAD' ? Buffer.alloc(0) : bytes) };
  });
}

/** A version of an object, or its absence, and until when it was the current one. */
interface Chapter {
  version: Version | undefined;
  endedAt: number;
}

/** How long after its end a version may still be seen. */
function grace({ version }: Chapter, limits: FreshnessRules, bridged: boolean, now: number): number {
  const freshness = version && freshnessOf({ ...version.headers }, limits, now);
  if (!freshness) return 0;
  return bridged ? Math.max(freshness.inBackground, freshness.onError) : freshness.inBackground;
}

async function play(commands: readonly Command[], limits: FreshnessRules): Promise<void> {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const store = new FakeStore(clock);
  const source = new CachedSource(store, {
    maxBytes: 1024 * 1024,
    maxObjectBytes: 5,
    rules: limits,
    onLookUp() {},
    now: () => clock.now,
  });
  const past = new Map<string, Chapter[]>();
  let failedUntil = Number.NEGATIVE_INFINITY;
  const turnPage = (of: string) => {
    const chapters = past.get(of) ?? [];
    chapters.push({ version: store.version(of), endedAt: clock.now });
    past.set(of, chapters);
  };

  for (const command of commands) {
    switch (command.do) {
      case 'put':
        turnPage(command.key);
        store.put(command.key, command.bytes, command.headers);
        break;
      case 'delete':
        turnPage(command.key);
        store.delete(command.key);
        break;
      case 'advance':
        clock.now += command.ms;
        break;
      case 'condition':
        store.failure = command.failure;
        break;
      case 'open': {
        const current = store.version(command.request.key);
        const pinned = command.pin && current && { ifMatch: current.headers.etag };
        const asked = { ...command.request, ...pinned };
        if (TRANSIENT.has(store.failure)) failedUntil = clock.now + 2 * RETRY_AFTER_MS;
        const bridged = clock.now < failedUntil;
        const chapters = [
          ...(past.get(asked.key) ?? []),
          // With the store failing, what is there now is there only in memory.
          { version: current, endedAt: store.failure ? Number.POSITIVE_INFINITY : clock.now },
        ];
        const allowed: unknown[] = store.failure ? [{ kind: store.failure, actualSize: undefined }] : [];
        for (const chapter of chapters) {
          const since = Math.max(0, clock.now - chapter.endedAt);
          const isCurrent = chapter.version === current && !store.failure;
          if (isCurrent || since < grace(chapter, limits, bridged, clock.now))
            allowed.push(await answerOf(chapter.version, asked));
        }
        expect(allowed).toContainEqual(await observe(() => source.open(asked, new Operation())));
        await turn();
        break;
      }
    }
  }
}

test('with a store that works, answers are those of the store, at most as old as allowed', async () => {
  const commands = fc.array(fc.oneof(change, advance, { weight: 3, arbitrary: open }), {
    maxLength: 40,
    size: 'max',
  });
  await fc.assert(fc.asyncProperty(commands, rules, play), { numRuns: 300 });
}, 60_000);

test('with a store that fails, answers are its errors or as old as allowed then', async () => {
  const commands = fc.array(fc.oneof(change, advance, condition, { weight: 3, arbitrary: open }), {
    maxLength: 40,
    size: 'max',
  });
  await fc.assert(fc.asyncProperty(commands, rules, play), { numRuns: 300 });
}, 60_000);

test('without time to be fresh, answers are exactly those of the store', async () => {
  const strict = { fresh: 0, staleWhileRevalidate: 0, staleIfError: 0 };
  const commands = fc.array(fc.oneof(change, advance, { weight: 3, arbitrary: open }), {
    maxLength: 40,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(commands, (sequence) => play(sequence, strict)),
    { numRuns: 200 },
  );
}, 60_000);
