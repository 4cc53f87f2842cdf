import { expect, test } from 'vitest';
import { cells, paceOf, rotate } from './plan.ts';

const base = { rounds: 4, seconds: 2 };
const large = 64 * 1024 * 1024;

test('small objects run at the base pace', () => {
  expect(paceOf({ objectBytes: 1024, connections: 256 }, base)).toEqual(base);
});

test('large objects run in fewer, longer rounds, the longest where most connections share the way', () => {
  expect(paceOf({ objectBytes: large, connections: 1 }, base)).toEqual({ rounds: 2, seconds: 2 });
  expect(paceOf({ objectBytes: large, connections: 32 }, base)).toEqual({ rounds: 3, seconds: 8 });
  expect(paceOf({ objectBytes: large, connections: 256 }, base)).toEqual({ rounds: 1, seconds: 24 });
});

test('every cell has a round', () => {
  expect(paceOf({ objectBytes: large, connections: 1 }, { rounds: 1, seconds: 1 }).rounds).toBe(1);
});

test('cells go from small to large objects, and from few to many connections', () => {
  expect(cells([1, 2], [1, 32])).toEqual([
    { objectBytes: 1, connections: 1 },
    { objectBytes: 1, connections: 32 },
    { objectBytes: 2, connections: 1 },
    { objectBytes: 2, connections: 32 },
  ]);
});

test('rotation keeps every entry and wraps around', () => {
  expect(rotate(['a', 'b', 'c'], 1)).toEqual(['b', 'c', 'a']);
  expect(rotate(['a', 'b', 'c'], 5)).toEqual(['c', 'a', 'b']);
  expect(rotate([], 3)).toEqual([]);
});
