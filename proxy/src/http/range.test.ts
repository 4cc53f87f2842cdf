import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coalesceRanges, formatRange, parseContentRange, parseRange, satisfiableRanges } from './range.ts';

test.each([
  ['bytes=0-0', [{ first: 0, last: 0 }]],
  ['bytes=5-', [{ first: 5, last: undefined }]],
  ['bytes=-5', [{ suffix: 5 }]],
  ['Bytes=1-2', [{ first: 1, last: 2 }]],
  ['bytes= 0-1 , -2 ,, 3-', [{ first: 0, last: 1 }, { suffix: 2 }, { first: 3, last: undefined }]],
  ['bytes=0-99999999999999999999', [{ first: 0, last: Number.MAX_SAFE_INTEGER }]],
])('%s is read', (header, expected) => {
  expect(parseRange(header)).toEqual(expected);
});

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=,',
  'bytes=-',
  'bytes=a-b',
  'bytes=5-4',
  'bytes=0-1,5-4',
  'bytes=0-1;2-3',
  'bytes=1 - 2',
  'bytes =0-1',
  'lines=0-1',
  `bytes=${Array.from({ length: 33 }, (_, i) => `${2 * i}-${2 * i}`).join(',')}`,
])('%s is ignored', (header) => {
  expect(parseRange(header)).toBeUndefined();
});

test('ranges are cut to the object, and those beyond it dropped', () => {
  const specs = parseRange('bytes=0-4,8-100,-3,-100,10-,-0') ?? [];
  expect(satisfiableRanges(specs, 10)).toEqual([
    { first: 0, last: 4 },
    { first: 8, last: 9 },
    { first: 7, last: 9 },
    { first: 0, last: 9 },
  ]);
  expect(satisfiableRanges(specs, 0)).toEqual([]);
});

test('joined ranges cover the same bytes, each once', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(10)).map(([first, more]) => ({ first, last: first + more }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
      const bytes = (list: typeof ranges) =>
        list.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      const joined = coalesceRanges(ranges);
      const covered = bytes(joined).toSorted((a, b) => a - b);
      expect(covered).toEqual([...new Set(bytes(ranges))].toSorted((a, b) => a - b));
      const sorted = joined.toSorted((a, b) => a.first - b.first);
      for (const [i, next] of sorted.slice(1).entries())
        expect(next.first).toBeGreaterThan((sorted[i]?.last ?? 0) + 1);
    }),
  );
});

test('ranges that are apart keep their order', () => {
  expect(
    coalesceRanges([
      { first: 8, last: 9 },
      { first: 0, last: 1 },
    ]),
  ).toEqual([
    { first: 8, last: 9 },
    { first: 0, last: 1 },
  ]);
});

test('a spec is written as the store reads it', () => {
  expect(formatRange({ first: 1, last: 2 })).toBe('bytes=1-2');
  expect(formatRange({ first: 1, last: undefined })).toBe('bytes=1-');
  expect(formatRange({ suffix: 3 })).toBe('bytes=-3');
});

test('Content-Range', () => {
  expect(parseContentRange('bytes 0-4/10')).toEqual({ first: 0, last: 4, size: 10 });
  for (const bad of [undefined, 'bytes */10', 'bytes 0-4/*', '0-4/10'])
    expect(parseContentRange(bad)).toBeUndefined();
});
