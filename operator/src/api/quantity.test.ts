import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalQuantity, compareQuantities } from './quantity.ts';
import { QUANTITY } from './workload.ts';

test.each([
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  [2, '2'],
  ['0.5Gi', '512Mi'],
  ['1024Mi', '1Gi'],
  ['1000Mi', '1000Mi'],
  ['512Ki', '512Ki'],
  ['0.1Ki', '102400m'],
  ['1000k', '1M'],
  ['1e3', '1e3'],
  ['1E3', '1e3'],
  ['12e2', '1200'],
  ['0Gi', '0'],
  ['0.0000000001', '1n'],
  ['2000E', '2000E'],
])('%s is stored as %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

test('the canonical form is the same amount and its own canonical form', () => {
  fc.assert(
    fc.property(fc.stringMatching(QUANTITY), (text) => {
      const canonical = canonicalQuantity(text);
      expect(compareQuantities(text, canonical)).toBe(0);
      expect(canonicalQuantity(canonical)).toBe(canonical);
    }),
  );
});

test('amounts are compared across suffixes', () => {
  expect(compareQuantities('1Gi', '1G')).toBe(1);
  expect(compareQuantities('250m', '0.25')).toBe(0);
  expect(compareQuantities('64Mi', '256Mi')).toBe(-1);
});

test.each(['', '.', '1GB', '-1', 'Gi'])('%j is no quantity', (text) => {
  expect(() => canonicalQuantity(text)).toThrow(TypeError);
});
