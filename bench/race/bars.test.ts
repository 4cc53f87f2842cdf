import { expect, test } from 'vitest';
import { formatVerdict, judge } from './bars.ts';
import type { Figure, SystemName } from './figures.ts';

function figure(system: SystemName, changes: Partial<Figure> = {}): Figure {
  return {
    system,
    objectBytes: 1024,
    connections: 32,
    requestsPerSecond: 1000,
    bytesPerSecond: 1024_000,
    p50Ms: 1,
    p99Ms: 2,
    cpuSecondsPerRequest: 1e-4,
    peakRssBytes: 100e6,
    errors: 0,
    ...changes,
  };
}

test('a rate against another system passes from the bound on', () => {
  const at = (requestsPerSecond: number) =>
    judge([figure('ours', { requestsPerSecond }), figure('rclone')]).find(({ what }) =>
      what.includes('rclone'),
    );
  expect(at(1300)).toMatchObject({ met: true, required: true, bound: 1.3, measured: 1.3 });
  expect(at(1299)).toMatchObject({ met: false });
});

test('processor time is better when smaller', () => {
  const at = (cpuSecondsPerRequest: number) =>
    judge([figure('ours', { cpuSecondsPerRequest }), figure('store')]).find(({ what }) =>
      what.includes('processor'),
    );
  expect(at(2e-4)).toMatchObject({ met: true, required: false });
  expect(at(3e-4)).toMatchObject({ met: false });
});

test('the cached rate per processor second has a bar and a goal', () => {
  const verdicts = judge([
    figure('ours-cached', { cpuSecondsPerRequest: 2e-5 }),
    figure('nginx-cache', { cpuSecondsPerRequest: 1e-5 }),
  ]);
  expect(verdicts.map(({ required, met }) => [required, met])).toEqual([
    [true, true],
    [false, false],
  ]);
});

test('memory is judged over all cells, by its peak', () => {
  const [verdict] = judge([figure('ours'), figure('ours', { connections: 256, peakRssBytes: 151e6 })]);
  expect(verdict).toMatchObject({ met: false, unit: 'MB', measured: 151 });
});

test('what was not measured is not judged', () => {
  expect(judge([])).toEqual([]);
  expect(judge([figure('rclone'), figure('ours', { connections: 1 })])).toHaveLength(1);
});

test('other numbers of connections do not count as the bars’', () => {
  const verdicts = judge([figure('ours', { connections: 256 }), figure('rclone', { connections: 256 })]);
  expect(verdicts.filter(({ what }) => what.includes('rclone'))).toEqual([]);
});

test('a line says outcome, rank, figure and bound', () => {
  const [verdict] = judge([figure('ours', { requestsPerSecond: 1500 }), figure('rclone')]);
  expect(verdict && formatVerdict(verdict)).toBe(
    'pass         required  ours, 1 KiB, 32 connections: rate against rclone: 1.50 ×, at least 1.30 ×',
  );
});
