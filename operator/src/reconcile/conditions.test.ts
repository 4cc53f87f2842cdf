import { expect, test } from 'vitest';
import { dateConditions } from './conditions.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Available', message: 'all is well' } as const;
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

test('a new condition is dated now, to the second', () => {
  expect(dateConditions([ready], [], 3, at(1))).toEqual([
    { ...ready, observedGeneration: 3, lastTransitionTime: '2026-01-01T00:00:01Z' },
  ]);
});

test('another reason with the same status keeps its date', () => {
  const before = dateConditions([ready], [], 3, at(1));
  const after = dateConditions([{ ...ready, reason: 'Scaled' }], before, 4, at(9));
  expect(after[0]).toMatchObject({
    reason: 'Scaled',
    observedGeneration: 4,
    lastTransitionTime: '2026-01-01T00:00:01Z',
  });
});

test('another status moves the date', () => {
  const before = dateConditions([ready], [], 3, at(1));
  const after = dateConditions([{ ...ready, status: 'False' }], before, 3, at(9));
  expect(after[0]?.lastTransitionTime).toBe('2026-01-01T00:00:09Z');
});
