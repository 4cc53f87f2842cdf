import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../../proxy/src/testing/http-client.ts';
import { type Served, serve } from '../../proxy/src/testing/serve.ts';
import { readByteRanges } from './multipart.ts';
import {
  type Conditions,
  type DateCondition,
  type Expected,
  expectedAnswer,
  type RangeSpec,
  type Tag,
  type TagCondition,
} from './rfc9110-model.ts';
import { type Store, startStore } from './store.ts';

interface Published {
  target: string;
  bytes: Buffer;
  /** Opaque part of its entity tag, quotes included. */
  opaque: string;
  /** Last-Modified, in seconds since the epoch. */
  modified: number;
}

let store: Store;
let served: Served;
const objects: Record<'some' | 'one' | 'empty', Published> = {} as never;

async function publish(name: keyof typeof objects, bytes: Buffer): Promise<void> {
  await store.put(name, bytes, { ContentType: 'text/plain; charset=utf-8', CacheControl: 'max-age=60' });
  const answer = await ask(served.port, `/${name}`);
  objects[name] = {
    target: `/${name}`,
    bytes,
    opaque: answer.field('etag') ?? '',
    modified: Date.parse(answer.field('last-modified') ?? '') / 1000,
  };
}

beforeAll(async () => {
  store = await startStore();
  served = await serve('', store.environment);
  await publish('some', Buffer.from(Array.from({ length: 100 }, (_, i) => 32 + (i % 90))));
  await publish('one', Buffer.from('x'));
  await publish('empty', Buffer.alloc(0));
  // A date less than a second old is no strong validator (§8.8.2.2).
  await sleep(2000);
});
afterAll(async () => {
  await served?.stop();
  await store?.stop();
});

const httpDate = (seconds: number) => new Date(seconds * 1000).toUTCString();

/** The request header fields that a description stands for. */
function fieldsOf(conditions: Conditions, { modified }: Published): Record<string, string> {
  const tag = ({ weak, opaque }: Tag) => `${weak ? 'W/' : ''}${opaque}`;
  const tags = (condition: TagCondition) => {
    if (condition === '*') return '*';
    return Array.isArray(condition) ? condition.map(tag).join(', ') : condition.malformed;
  };
  const date = (condition: DateCondition) =>
    'offset' in condition ? httpDate(modified + condition.offset) : condition.malformed;
  // Written out: no client sends an exponent.
  const digits = (number: number) => BigInt(number).toString();
  const range = (spec: RangeSpec) => {
    if ('suffix' in spec) return `-${digits(spec.suffix)}`;
    return `${digits(spec.first)}-${spec.last === undefined ? '' : digits(spec.last)}`;
  };
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range: ranges } = conditions;
  const fields: Record<string, string> = {};
  if (ifMatch !== undefined) fields['If-Match'] = tags(ifMatch);
  if (ifNoneMatch !== undefined) fields['If-None-Match'] = tags(ifNoneMatch);
  if (ifModifiedSince !== undefined) fields['If-Modified-Since'] = date(ifModifiedSince);
  if (ifUnmodifiedSince !== undefined) fields['If-Unmodified-Since'] = date(ifUnmodifiedSince);
  if (ifRange !== undefined) fields['If-Range'] = 'tag' in ifRange ? tag(ifRange.tag) : date(ifRange);
  if (ranges !== undefined)
    fields.Range = Array.isArray(ranges) ? `bytes=${ranges.map(range).join(', ')}` : ranges.malformed;
  return fields;
}

/** Head of an answer but for what differs between two moments. */
const headOf = ({ status, lines }: Answer) => ({
  status,
  lines: lines.filter(([name]) => name !== 'Date').toSorted(),
});

function expectAnswer(answer: Answer, expected: Expected, { bytes, opaque, modified }: Published): void {
  expect(answer.status).toBe(expected.status);
  expect(answer.field('transfer-encoding')).toBeUndefined();
  switch (expected.status) {
    case 200:
      expect(answer.field('content-length')).toBe(String(bytes.length));
      expect(answer.field('content-range')).toBeUndefined();
      expect(answer.field('accept-ranges')).toBe('bytes');
      break;
    case 206:
      expectParts(answer, expected.parts, bytes);
      break;
    case 304:
      expect(answer.body).toHaveLength(0);
      for (const absent of ['content-type', 'content-length', 'content-range', 'content-encoding'])
        expect(answer.field(absent), absent).toBeUndefined();
      break;
    case 416:
      expect(answer.field('content-range')).toBe(`bytes */${bytes.length}`);
      break;
  }
  if (expected.status < 400) {
    expect(answer.field('etag')).toBe(opaque);
    expect(answer.field('last-modified')).toBe(httpDate(modified));
    expect(answer.field('cache-control')).toBe('max-age=60');
  } else {
    expect(answer.field('etag')).toBeUndefined();
    expect(answer.field('cache-control')).toBeUndefined();
  }
}

function expectParts(answer: Answer, parts: { first: number; last: number }[], bytes: Buffer): void {
  expect(answer.field('content-length')).toBe(String(answer.body.length));
  const rangeOf = ({ first, last }: { first: number; last: number }) =>
    `bytes ${first}-${last}/${bytes.length}`;
  const [only] = parts;
  if (parts.length === 1 && only) {
    expect(answer.field('content-range')).toBe(rangeOf(only));
    expect(answer.field('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.body).toEqual(bytes.subarray(only.first, only.last + 1));
    return;
  }
  // §14.6: no Content-Range on the whole, one on each part. The parts may come in any order.
  expect(answer.field('content-range')).toBeUndefined();
  const got = readByteRanges(answer.field('content-type') ?? '', answer.body);
  const byRange = new Map(got.map((part) => [part.headers.get('content-range'), part]));
  expect(got).toHaveLength(parts.length);
  for (const part of parts) {
    const { headers, bytes: sent } = byRange.get(rangeOf(part)) ?? {};
    expect(sent, rangeOf(part)).toEqual(bytes.subarray(part.first, part.last + 1));
    expect(headers?.get('content-type')).toBe('text/plain; charset=utf-8');
  }
}

/** Asks by GET and by HEAD, and holds both against the model and against each other. */
async function expectBoth(published: Published, conditions: Conditions): Promise<void> {
  const headers = fieldsOf(conditions, published);
  const get = await ask(served.port, published.target, { headers });
  const expected = expectedAnswer('GET', conditions, published);
  expectAnswer(get, expected, published);
  if (expected.status === 200) expect(get.body).toEqual(published.bytes);

  const head = await ask(served.port, published.target, { method: 'HEAD', headers });
  expectAnswer(head, expectedAnswer('HEAD', conditions, published), published);
  expect(head.body).toHaveLength(0);
  // §9.3.2: the same fields as for GET; and Range is for GET alone, so it is left out here.
  const { Range: _, ...withoutRange } = headers;
  const whole = await ask(served.port, published.target, { headers: withoutRange });
  expect(headOf(head)).toEqual(headOf(whole));
}

const name = fc.constantFrom(...(['some', 'one', 'empty'] as const));

/** Descriptions of requests; the marker CURRENT stands for the object's own tag, known only when the test runs. */
const CURRENT = 'current';
const tag = fc.record({
  weak: fc.boolean(),
  opaque: fc.constantFrom(CURRENT, CURRENT, '"other"', '""', '"with,comma"', '"*"'),
});
const noTag = fc.constantFrom('', 'unquoted', '"open', 'w/"a"', '"a""b"').map((malformed) => ({ malformed }));
const tagCondition = fc.oneof(
  { weight: 5, arbitrary: fc.array(tag, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant('*' as const) },
  { weight: 1, arbitrary: noTag },
);
const dateCondition = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(-86_400, -1, 0, 1, 86_400).map((offset) => ({ offset })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', 'yesterday', '0', 'Sun, 06 Nov 1994 08:49:37 +0000', 'Sun, 99 Nov 1994 08:49:37 GMT')
      .map((malformed) => ({ malformed })),
  },
);
const position = fc.oneof(fc.nat(120), fc.constantFrom(0, 1, 99, 100, 101, 2 ** 53, 1e21));
const rangeSpec = fc.oneof(
  fc.record({ first: position, last: position }),
  // Mostly valid ones.
  fc.tuple(fc.nat(110), fc.nat(30)).map(([first, more]) => ({ first, last: first + more })),
  fc.record({ first: position }),
  fc.record({ suffix: position }),
);
const range = fc.oneof(
  { weight: 6, arbitrary: fc.array(rangeSpec, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(rangeSpec, { minLength: 30, maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', 'bytes', 'bytes=', 'bytes=x-', 'bytes=-', 'lines=0-1', 'bytes=0-1;2-3', '0-1')
      .map((malformed) => ({ malformed })),
  },
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const conditions = fc.record({
  ifMatch: optional(tagCondition),
  ifNoneMatch: optional(tagCondition),
  ifModifiedSince: optional(dateCondition),
  ifUnmodifiedSince: optional(dateCondition),
  ifRange: optional(
    fc.oneof(
      tag.map((each) => ({ tag: each })),
      dateCondition,
    ),
  ),
  range: optional(range),
});

/** Puts the object's own tag where the description says so. */
function resolved(description: Conditions, { opaque }: Published): Conditions {
  const known = (each: Tag) => (each.opaque === CURRENT ? { ...each, opaque } : each);
  const list = (condition: TagCondition | undefined) =>
    Array.isArray(condition) ? condition.map(known) : condition;
  const { ifMatch, ifNoneMatch, ifRange } = description;
  return {
    ...description,
    ifMatch: list(ifMatch),
    ifNoneMatch: list(ifNoneMatch),
    ifRange: ifRange && 'tag' in ifRange ? { tag: known(ifRange.tag) } : ifRange,
  };
}

describe('against a model of RFC 9110', () => {
  test('any combination of conditions and ranges has the answer that the RFC asks for, by GET and by HEAD', async () => {
    await fc.assert(
      fc.asyncProperty(name, conditions, async (which, description) => {
        await expectBoth(objects[which], resolved(description, objects[which]));
      }),
      { numRuns: 400 },
    );
  });
});

const own = (): Tag => ({ weak: false, opaque: objects.some.opaque });
const OTHER: Tag = { weak: false, opaque: '"other"' };
const before = { offset: -1 };
const same = { offset: 0 };
const after = { offset: 1 };

/** Cases by name, for the table in docs/http.md: the conditions, and the status that the RFC asks for. */
type Case = [name: string, conditions: () => Conditions, status: number];

async function expectCase(published: Published, given: Conditions, status: number): Promise<void> {
  // The model must say what the case says: neither can be wrong alone.
  expect(expectedAnswer('GET', given, published).status).toBe(status);
  await expectBoth(published, given);
}

describe('conditions', () => {
  test.each<Case>([
    ['If-Match with the current tag is 200', () => ({ ifMatch: [OTHER, own()] }), 200],
    ['If-Match without it is 412', () => ({ ifMatch: [OTHER] }), 412],
    ['If-Match compares strongly', () => ({ ifMatch: [{ ...own(), weak: true }] }), 412],
    ['If-Match: * is 200 for what exists', () => ({ ifMatch: '*' }), 200],
    ['If-None-Match with the current tag is 304', () => ({ ifNoneMatch: [OTHER, own()] }), 304],
    ['If-None-Match without it is 200', () => ({ ifNoneMatch: [OTHER] }), 200],
    ['If-None-Match compares weakly', () => ({ ifNoneMatch: [{ ...own(), weak: true }] }), 304],
    ['If-None-Match: * is 304 for what exists', () => ({ ifNoneMatch: '*' }), 304],
    ['If-Modified-Since the date is 304', () => ({ ifModifiedSince: same }), 304],
    ['If-Modified-Since a later date is 304', () => ({ ifModifiedSince: after }), 304],
    ['If-Modified-Since an earlier date is 200', () => ({ ifModifiedSince: before }), 200],
    ['If-Modified-Since that is no date is ignored', () => ({ ifModifiedSince: { malformed: 'x' } }), 200],
    ['If-Unmodified-Since the date is 200', () => ({ ifUnmodifiedSince: same }), 200],
    ['If-Unmodified-Since an earlier date is 412', () => ({ ifUnmodifiedSince: before }), 412],
    [
      'If-Unmodified-Since that is no date is ignored',
      () => ({ ifUnmodifiedSince: { malformed: 'x' } }),
      200,
    ],
    ['If-Match makes If-Unmodified-Since moot', () => ({ ifMatch: [own()], ifUnmodifiedSince: before }), 200],
    [
      'If-None-Match makes If-Modified-Since moot',
      () => ({ ifNoneMatch: [OTHER], ifModifiedSince: after }),
      200,
    ],
    [
      'If-Match fails before If-None-Match is looked at',
      () => ({ ifMatch: [OTHER], ifNoneMatch: [own()] }),
      412,
    ],
    [
      'If-Unmodified-Since fails before If-None-Match is looked at',
      () => ({ ifUnmodifiedSince: before, ifNoneMatch: [own()] }),
      412,
    ],
    ['If-Match holds, then If-None-Match decides', () => ({ ifMatch: [own()], ifNoneMatch: [own()] }), 304],
    ['conditions come before Range', () => ({ ifNoneMatch: [own()], range: [{ first: 200 }] }), 304],
    [
      'conditions come before If-Range',
      () => ({ ifMatch: [OTHER], ifRange: { tag: own() }, range: [] }),
      412,
    ],
  ])('%s', async (_name, given, status) => {
    await expectCase(objects.some, given(), status);
  });

  test('of what does not exist are ignored', async () => {
    for (const headers of [
      { 'If-Match': '*' },
      { 'If-Match': '"a"' },
      { 'If-None-Match': '*' },
      { Range: 'bytes=0-0' },
    ])
      expect((await ask(served.port, '/missing', { headers })).status).toBe(404);
  });
});

describe('If-Range', () => {
  const range = [{ first: 0, last: 9 }];
  test.each<Case>([
    ['If-Range with the current tag gives the range', () => ({ range, ifRange: { tag: own() } }), 206],
    ['If-Range with another tag gives it all', () => ({ range, ifRange: { tag: OTHER } }), 200],
    [
      'If-Range with a weak tag gives it all',
      () => ({ range, ifRange: { tag: { ...own(), weak: true } } }),
      200,
    ],
    ['If-Range with the very date gives the range', () => ({ range, ifRange: same }), 206],
    ['If-Range with an earlier date gives it all', () => ({ range, ifRange: before }), 200],
    ['If-Range with a later date gives it all', () => ({ range, ifRange: after }), 200],
    ['If-Range that is neither gives it all', () => ({ range, ifRange: { malformed: 'x' } }), 200],
    [
      'If-Range that fails saves a bad range from 416',
      () => ({ range: [{ first: 500 }], ifRange: { tag: OTHER } }),
      200,
    ],
    ['If-Range without Range is ignored', () => ({ ifRange: { tag: OTHER } }), 200],
  ])('%s', async (_name, given, status) => {
    await expectCase(objects.some, given(), status);
  });
});

describe('ranges', () => {
  test.each<Case>([
    ['first and last byte', () => ({ range: [{ first: 10, last: 19 }] }), 206],
    ['one byte', () => ({ range: [{ first: 99, last: 99 }] }), 206],
    ['from a byte on', () => ({ range: [{ first: 90 }] }), 206],
    ['a last byte beyond the end is the end', () => ({ range: [{ first: 90, last: 1000 }] }), 206],
    ['the last bytes', () => ({ range: [{ suffix: 10 }] }), 206],
    ['more last bytes than there are give all as a range', () => ({ range: [{ suffix: 1000 }] }), 206],
    ['a range beyond the end is 416', () => ({ range: [{ first: 100 }] }), 416],
    ['no last bytes at all are 416', () => ({ range: [{ suffix: 0 }] }), 416],
    ['a last byte before the first is ignored', () => ({ range: [{ first: 9, last: 8 }] }), 200],
    ['another unit is ignored', () => ({ range: { malformed: 'lines=0-1' } }), 200],
    ['a malformed range is ignored', () => ({ range: { malformed: 'bytes=0-x' } }), 200],
    [
      'several ranges are parts',
      () => ({ range: [{ first: 0, last: 1 }, { first: 50, last: 59 }, { suffix: 5 }] }),
      206,
    ],
    [
      'several ranges of which one is satisfiable are that one',
      () => ({ range: [{ first: 0, last: 1 }, { first: 500 }] }),
      206,
    ],
    [
      'several ranges of which none is satisfiable are 416',
      () => ({ range: [{ first: 500 }, { suffix: 0 }] }),
      416,
    ],
    [
      'overlapping ranges are joined',
      () => ({ range: [{ first: 0, last: 50 }, { first: 20, last: 60 }, { first: 80 }] }),
      206,
    ],
    [
      'touching ranges are joined',
      () => ({
        range: [
          { first: 0, last: 4 },
          { first: 5, last: 9 },
        ],
      }),
      206,
    ],
    [
      'more than 32 ranges are ignored',
      () => ({ range: Array.from({ length: 33 }, (_, i) => ({ first: 3 * i, last: 3 * i })) }),
      200,
    ],
    [
      '32 ranges are not too many',
      () => ({ range: Array.from({ length: 32 }, (_, i) => ({ first: 3 * i, last: 3 * i })) }),
      206,
    ],
  ])('%s', async (_name, given, status) => {
    await expectCase(objects.some, given(), status);
  });

  test.each<Case>([
    ['of an empty object, from its beginning, is 416', () => ({ range: [{ first: 0 }] }), 416],
    ['of an empty object, its last bytes, is all of it', () => ({ range: [{ suffix: 5 }] }), 200],
    ['of an empty object, one of each, is all of it', () => ({ range: [{ first: 0 }, { suffix: 5 }] }), 200],
  ])('%s', async (_name, given, status) => {
    await expectCase(objects.empty, given(), status);
  });

  test('ranges that are apart come in the order they were asked for', async () => {
    const answer = await ask(served.port, '/some', { headers: { Range: 'bytes=90-94,0-4,50-54' } });
    const parts = readByteRanges(answer.field('content-type') ?? '', answer.body);
    expect(parts.map(({ headers }) => headers.get('content-range'))).toEqual([
      'bytes 90-94/100',
      'bytes 0-4/100',
      'bytes 50-54/100',
    ]);
  });
});

describe('messages', () => {
  test('empty elements of a list are skipped', async () => {
    const { opaque } = objects.some;
    const unchanged = await ask(served.port, '/some', { headers: { 'If-None-Match': `, ,"x",,${opaque},` } });
    expect(unchanged.status).toBe(304);
    const part = await ask(served.port, '/some', { headers: { Range: 'bytes=,0-1, ,' } });
    expect([part.status, part.field('content-range')]).toEqual([206, 'bytes 0-1/100']);
  });

  test('an empty object has a length of 0, by GET and by HEAD', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(served.port, '/empty', { method });
      expect([answer.status, answer.field('content-length'), answer.body.length]).toEqual([200, '0', 0]);
    }
  });

  test('HEAD of what does not exist has the head of its GET', async () => {
    for (const target of ['/missing', '/%', '/a/../b', '/']) {
      const [get, head] = [
        await ask(served.port, target),
        await ask(served.port, target, { method: 'HEAD' }),
      ];
      expect(headOf(head), target).toEqual(headOf(get));
      expect(head.body).toHaveLength(0);
    }
  });

  test('all three forms of a date are read', async () => {
    const { modified } = objects.some;
    const date = new Date(modified * 1000);
    const [, day, month, year, time] =
      /^\w+, (\d\d) (\w+) (\d{4}) ([\d:]+) GMT$/.exec(date.toUTCString()) ?? [];
    const weekday = date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    for (const text of [
      date.toUTCString(),
      `${weekday}, ${day}-${month}-${year?.slice(2)} ${time} GMT`,
      `${weekday.slice(0, 3)} ${month} ${day?.replace(/^0/, ' ')} ${time} ${year}`,
    ])
      expect((await ask(served.port, '/some', { headers: { 'If-Modified-Since': text } })).status, text).toBe(
        304,
      );
  });
});
