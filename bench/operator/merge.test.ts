import { expect, test } from 'vitest';
import type { Figure } from './figures.ts';
import { mergeFigures } from './merge.ts';

function figure(changes: Partial<Figure>): Figure {
  return {
    system: 'ours',
    objects: 1000,
    phase: 'create',
    seconds: 1,
    apiWrites: 0,
    apiReads: 0,
    cpuSeconds: 0,
    peakRssBytes: 0,
    ...changes,
  };
}

test('newer figures replace those of the same system and number, and no others', () => {
  const before = [
    figure({ seconds: 1 }),
    figure({ phase: 'drift', seconds: 2 }),
    figure({ system: 'limit', seconds: 3 }),
    figure({ objects: 5000, seconds: 4 }),
  ];
  const merged = mergeFigures(before, [figure({ seconds: 9 })]);
  expect(merged.map(({ seconds }) => seconds)).toEqual([3, 9, 4]);
});

test('the order is that of numbers, phases and systems', () => {
  const merged = mergeFigures(
    [],
    [
      figure({ objects: 5000 }),
      figure({ phase: 'drift' }),
      figure({ system: 'controller-runtime' }),
      figure({ system: 'limit' }),
    ],
  );
  expect(merged.map(({ objects, phase, system }) => `${objects} ${phase} ${system}`)).toEqual([
    '1000 create limit',
    '1000 create controller-runtime',
    '1000 drift ours',
    '5000 create ours',
  ]);
});
