import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalQuantity, compareQuantities, QUANTITY } from './quantity.ts';

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
  ['0Gi', '0'],
  ['0.000000001', '1m'],
  ['999999Ti', '999999Ti'],
  ['1024Ti', '1Pi'],
  ['1.0005', '1001m'],
])('%s is stored as %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

test('the canonical form is its own, and never less', () => {
  fc.assert(
    fc.property(fc.stringMatching(QUANTITY), (text) => {
      const canonical = canonicalQuantity(text);
      expect(canonicalQuantity(canonical)).toBe(canonical);
      expect(compareQuantities(text, canonical)).toBeLessThanOrEqual(0);
    }),
  );
});

test('amounts are compared across suffixes', () => {
  expect(compareQuantities('1Gi', '1G')).toBe(1);
  expect(compareQuantities('250m', '0.25')).toBe(0);
  expect(compareQuantities('64Mi', '256Mi')).toBe(-1);
});

test.each(['', '.', '1GB', '-1', 'Gi', '1e3', '1mi'])('%j is no quantity', (text) => {
  expect(() => canonicalQuantity(text)).toThrow(TypeError);
});

test.each(['1e3', '1000000Ti', '1E', '1n', ''])('%j is beyond what the CRD accepts', (text) => {
  expect(QUANTITY.test(text)).toBe(false);
});
