import { expect, test } from 'vitest';
import {
  cpuSecondsOf,
  descendants,
  parsePeakRss,
  parseStat,
  peakRssOf,
  processTree,
} from './process-tree.ts';

test('a stat line is read behind a command name with spaces and parentheses', () => {
  const line =
    '4242 (node (x) main) S 17 4242 4242 0 -1 4194560 1 2 3 4 150 50 25 75 20 0 11 0 9 1 2 3 4 5 6 7';
  expect(parseStat(line)).toEqual({ parent: 17, cpuSeconds: 3 });
});

test('the peak is read in bytes, and is 0 where there is none', () => {
  expect(parsePeakRss('Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t 1024 kB\n')).toBe(2 * 1024 * 1024);
  expect(parsePeakRss('Name:\tkthreadd\n')).toBe(0);
});

test('a family has all generations, and nobody else', () => {
  const parents = new Map([
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 1],
    [6, 3],
  ]);
  expect(descendants(2, parents).sort()).toEqual([2, 3, 4, 6]);
});

test('this very process has used processor time and memory', () => {
  expect(processTree(process.pid)).toContain(process.pid);
  expect(cpuSecondsOf(process.pid)).toBeGreaterThan(0);
  expect(peakRssOf(process.pid)).toBeGreaterThan(1_000_000);
});

test('a process that does not exist weighs nothing', () => {
  expect(processTree(2 ** 30)).toEqual([]);
  expect(cpuSecondsOf(2 ** 30)).toBe(0);
});
