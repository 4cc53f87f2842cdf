import { expect, test } from 'vitest';
import { median, significant, sum } from './statistics.ts';

test('the median of an odd number of values is the one in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([3])).toBe(3);
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  expect(median([10, 1, 4, 2])).toBe(3);
});

test('the median of no values is refused', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('sum and significant digits', () => {
  expect(sum([1, 2, 3])).toBe(6);
  expect(sum([])).toBe(0);
  expect(significant(0.000123456, 3)).toBe(0.000123);
  expect(significant(123456, 3)).toBe(123000);
});
