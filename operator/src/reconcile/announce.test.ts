import { beforeEach, expect, test } from 'vitest';
import type { EventDetails, EventRecorder } from '../kube/events.ts';
import { announceChanges, announceReadiness } from './announce.ts';
import type { ConditionState } from './conditions.ts';

const s3proxy = { apiVersion: 's3proxy.dev/v1alpha1', kind: 'S3Proxy', metadata: { name: 'photos' } };
const ready: ConditionState = { type: 'Ready', status: 'True', reason: 'Available', message: 'Published.' };
const lost: ConditionState = {
  type: 'Ready',
  status: 'False',
  reason: 'SecretNotFound',
  message: 'Create it.',
};

let told: EventDetails[];
let recorder: EventRecorder;
beforeEach(() => {
  told = [];
  recorder = {
    event: (_, details) => void told.push(details),
    flush: async () => undefined,
    close: () => undefined,
  };
});

test('what a run changed is one event for each way to change', () => {
  announceChanges(recorder, s3proxy, [
    { kind: 'Secret', name: 'a', change: 'created' },
    { kind: 'Service', name: 'b', change: 'created' },
    { kind: 'Ingress', name: 'c', change: 'deleted' },
  ]);
  expect(told.map(({ reason, note }) => [reason, note])).toEqual([
    ['Created', 'Created Secret a, Service b.'],
    ['Deleted', 'Deleted Ingress c.'],
  ]);
});

test('a run that changed nothing tells nothing', () => {
  announceChanges(recorder, s3proxy, []);
  announceReadiness(recorder, s3proxy, ready, { ...ready });
  announceReadiness(recorder, s3proxy, lost, { ...lost });
  expect(told).toEqual([]);
});

test.each<[what: string, before: ConditionState | undefined, now: ConditionState, type: string]>([
  ['the first state', undefined, ready, 'Normal'],
  ['another status', ready, lost, 'Warning'],
  ['another message', lost, { ...lost, message: 'Create the other.' }, 'Warning'],
  ['a suspension', ready, { ...lost, reason: 'Suspended' }, 'Normal'],
])('%s is told once', (_, before, now, type) => {
  announceReadiness(recorder, s3proxy, before, now);
  expect(told).toMatchObject([{ type, reason: now.reason, note: now.message }]);
});

test('progress is told by what is changed alone', () => {
  announceReadiness(recorder, s3proxy, ready, { ...lost, reason: 'Progressing' });
  expect(told).toEqual([]);
});
