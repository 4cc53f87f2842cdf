import { expect, test } from 'vitest';
import type { Figure } from './figures.ts';
import { formatTables } from './table.ts';

const figure: Figure = {
  system: 'ours',
  objectBytes: 1024,
  connections: 1,
  requestsPerSecond: 12345,
  bytesPerSecond: 12_641_280,
  p50Ms: 0.5,
  p99Ms: 12.34,
  cpuSecondsPerRequest: 0.000085,
  peakRssBytes: 98.6e6,
  errors: 0,
};

test('a table for each combination, a line for each system', () => {
  const text = formatTables([figure, { ...figure, system: 'store' }, { ...figure, connections: 32 }]);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^1 KiB, 1 connection +req\/s/);
  expect(lines[1]?.split(/ {2,}/)).toEqual(['ours', '12,345', '12.6', '0.500', '12.3', '85.0 µs', '99', '0']);
  expect(lines[4]).toMatch(/^1 KiB, 32 connections/);
});

test('large objects cost milliseconds', () => {
  const large = { ...figure, objectBytes: 64 * 1024 * 1024, cpuSecondsPerRequest: 0.05 };
  expect(formatTables([large])).toContain('50.0 ms');
});
