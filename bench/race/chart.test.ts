import { expect, test } from 'vitest';
import { drawChart } from './chart.ts';
import type { Figure, SystemName } from './figures.ts';

function figure(system: SystemName, requestsPerSecond: number, changes: Partial<Figure> = {}): Figure {
  return {
    system,
    objectBytes: 1024,
    connections: 32,
    requestsPerSecond,
    bytesPerSecond: requestsPerSecond * 1024,
    p50Ms: 1,
    p99Ms: 2,
    cpuSecondsPerRequest: 1 / requestsPerSecond,
    peakRssBytes: 1e8,
    errors: 0,
    ...changes,
  };
}

test('the longest bar of a block is its largest value, and others keep the proportion', () => {
  const svg = drawChart([figure('store', 8000), figure('ours', 4000)]);
  const widths = [...svg.matchAll(/<rect class="bar[^"]*" x="\d+" y="\d+" width="([\d.]+)"/g)].map(
    ([, width]) => Number(width),
  );
  expect(widths).toEqual([190, 95, 95, 190]);
});

test('values stand beside the bars as text', () => {
  const svg = drawChart([figure('ours', 4000), figure('rclone', 12, { objectBytes: 64 * 1024 * 1024 })]);
  expect(svg).toContain('>4,000 req/s<');
  expect(svg).toContain('>250 µs<');
  expect(svg).toContain('>805 MB/s<');
  expect(svg).toContain('>83 ms<');
});

test('only 32 connections are shown', () => {
  expect(drawChart([figure('ours', 4000), figure('ours', 77, { connections: 1 })])).not.toContain('77 req/s');
});

test('it reads in the dark, says that nginx is flattered, and is well-formed', () => {
  const svg = drawChart([figure('nginx', 10)]);
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).toContain('signs nothing');
  for (const tag of ['svg', 'text', 'title', 'style']) {
    expect(svg.split(`<${tag}`).length).toBe(svg.split(`</${tag}>`).length);
  }
});
