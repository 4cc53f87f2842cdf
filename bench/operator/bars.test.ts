import { expect, test } from 'vitest';
import { formatVerdict, judge } from './bars.ts';
import type { Figure } from './figures.ts';

function figure(changes: Partial<Figure> = {}): Figure {
  return {
    system: 'ours',
    objects: 1000,
    phase: 'create',
    seconds: 10,
    apiWrites: 10_000,
    apiReads: 10,
    cpuSeconds: 5,
    peakRssBytes: 100e6,
    ...changes,
  };
}

test('the time is held against the limit and the other operator, in the same phase with as many objects', () => {
  const others = [
    figure({ system: 'limit', seconds: 8 }),
    figure({ system: 'controller-runtime', seconds: 9 }),
    figure({ system: 'limit', phase: 'drift', seconds: 1 }),
    figure({ system: 'limit', objects: 5000, seconds: 1 }),
  ];
  expect(judge([figure(), ...others])).toMatchObject([
    { measured: 1.25, atMost: 1.4, met: true },
    { measured: 10 / 9, atMost: 1, met: false },
  ]);
});

test('a ratio at its bound is met', () => {
  const at = (seconds: number) => judge([figure({ seconds }), figure({ system: 'limit' })])[0]?.met;
  expect(at(14)).toBe(true);
  expect(at(14.01)).toBe(false);
});

test('nothing may be written at rest', () => {
  const at = (apiWrites: number) => judge([figure({ phase: 'rest', apiWrites })])[0]?.met;
  expect(at(0)).toBe(true);
  expect(at(1)).toBe(false);
});

test('memory counts in every phase with 5,000 objects, and with those alone', () => {
  const at = (peakRssBytes: number) => judge([figure({ objects: 5000, phase: 'drift', peakRssBytes })]);
  expect(at(300e6)).toMatchObject([{ measured: 300, met: true }]);
  expect(at(301e6)).toMatchObject([{ measured: 301, met: false }]);
  expect(judge([figure({ peakRssBytes: 900e6 })])).toEqual([]);
});

test('a verdict says what was measured and what is asked', () => {
  const [verdict] = judge([figure({ phase: 'rest', apiWrites: 3 })]);
  expect(verdict && formatVerdict(verdict)).toBe(
    'falls short  required  1,000 S3Proxies at rest: 3 writes, at most 0 writes',
  );
});
