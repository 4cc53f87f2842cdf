import { expect, test } from 'vitest';
import type { Figure } from './figures.ts';
import { formatTables } from './table.ts';

const figure: Figure = {
  system: 'ours',
  objects: 1000,
  phase: 'create',
  seconds: 12.34,
  apiWrites: 11_000,
  apiReads: 20,
  cpuSeconds: 6.5,
  peakRssBytes: 123e6,
};

test('a table for each number of objects and phase, in the order of the phases', () => {
  const text = formatTables([
    { ...figure, phase: 'drift' },
    figure,
    { ...figure, system: 'limit', seconds: 10 },
    { ...figure, objects: 5000 },
  ]);
  expect(text.match(/^\d,000 objects, \w+/gm)).toEqual([
    '1,000 objects, create',
    '1,000 objects, drift',
    '5,000 objects, create',
  ]);
  expect(text).toMatch(/^ours +12\.3 +81 +11,000 +11\.0 +20 +6\.5 +123$/m);
  expect(text).toMatch(/^limit +10\.0 +100 /m);
});

test('there is no rate at rest', () => {
  expect(formatTables([{ ...figure, phase: 'rest' }])).toMatch(/^ours +12\.3 +11,000 /m);
});
