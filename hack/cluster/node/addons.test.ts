import { expect, test } from 'vitest';
import { podsNotServing } from './addons.ts';

const boot = Date.parse('2030-01-01T10:00:00Z');
const pod = (name: string, startedAt: string | undefined, ready: boolean, deletionTimestamp?: string) => ({
  metadata: { name, deletionTimestamp },
  status: {
    containerStatuses: [{ ready, state: startedAt === undefined ? {} : { running: { startedAt } } }],
  },
});
const list = (...items: object[]): string => JSON.stringify({ items });

test('a pod serves when all its containers are ready', () => {
  expect(podsNotServing(list(pod('a', '2030-01-01T10:00:05Z', true)), boot)).toEqual([]);
  expect(podsNotServing(list(pod('a', '2030-01-01T10:00:05Z', false)), boot)).toEqual(['a']);
  expect(podsNotServing(list({ metadata: { name: 'new' }, status: {} }), boot)).toEqual(['new']);
});

test('what was said before the reboot does not count', () => {
  expect(podsNotServing(list(pod('a', '2030-01-01T09:00:00Z', true)), boot)).toEqual(['a']);
  expect(podsNotServing(list(pod('a', undefined, false)), boot)).toEqual(['a']);
});

test('nobody waits for a pod on its way out', () => {
  const leaving = pod('old', undefined, false, '2030-01-01T10:00:01Z');
  expect(podsNotServing(list(leaving, pod('a', '2030-01-01T10:00:05Z', true)), boot)).toEqual([]);
});
