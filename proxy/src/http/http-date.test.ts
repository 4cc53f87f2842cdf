import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatHttpDate, parseHttpDate } from './http-date.ts';

const AT = Date.UTC(1994, 10, 6, 8, 49, 37);

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%s is one of the three forms',
  (text) => {
    expect(parseHttpDate(text)).toBe(AT);
  },
);

test.each([
  '',
  'yesterday',
  '1994-11-06T08:49:37Z',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 31 Apr 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:49:37 GMT',
  ' Sun, 06 Nov 1994 08:49:37 GMT',
])('%o is no date', (text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});

test('a two-digit year more than 50 years ahead is a past one', () => {
  const now = Date.UTC(2026, 0, 1);
  expect(parseHttpDate('Sunday, 06-Nov-76 08:49:37 GMT', now)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37));
  expect(parseHttpDate('Sunday, 06-Nov-77 08:49:37 GMT', now)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37));
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (second) => {
      expect(parseHttpDate(formatHttpDate(second * 1000))).toBe(second * 1000);
    }),
  );
});
