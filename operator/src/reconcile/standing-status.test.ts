import { expect, test } from 'vitest';
import type { S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import { s3proxyObject } from '../resources/testing/s3proxy.ts';
import { standingStatus, suspended } from './standing-status.ts';

const EARLIER = '2027-01-01T12:00:00Z';
const NOW = new Date('2027-01-02T12:00:00Z');
const bucket = {
  type: 'BucketReachable',
  status: 'True',
  reason: 'Reachable',
  message: 'The bucket answers.',
  observedGeneration: 1,
  lastTransitionTime: EARLIER,
} as const;

function condition(type: string, status: 'True' | 'False', reason: string) {
  return { type, status, reason, message: 'Because.', observedGeneration: 1, lastTransitionTime: EARLIER };
}

function s3proxy(status?: S3ProxyStatus): S3Proxy {
  const object = s3proxyObject();
  return {
    ...object,
    metadata: { ...object.metadata, generation: 2 },
    ...(status !== undefined && { status }),
  };
}

const suspend = (object: S3Proxy): S3ProxyStatus => standingStatus(object, suspended(object), NOW);

test('a ready one stays ready, says so, and keeps the rest of its status', () => {
  const before = { url: 'https://a/', conditions: [condition('Ready', 'True', 'Available'), bucket] };
  expect(suspend(s3proxy(before))).toEqual({
    url: 'https://a/',
    observedGeneration: 2,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Suspended',
        message: expect.stringContaining('spec.suspend'),
        observedGeneration: 2,
        lastTransitionTime: EARLIER,
      },
      bucket,
    ],
  });
});

test.each([
  [
    'on the way',
    [condition('Ready', 'False', 'Progressing'), condition('Reconciling', 'True', 'Progressing')],
  ],
  [
    'stalled',
    [condition('Ready', 'False', 'SecretNotFound'), condition('Stalled', 'True', 'SecretNotFound')],
  ],
])('one that was %s is stalled, and not on the way', (_, conditions) => {
  const after = suspend(s3proxy({ conditions })).conditions ?? [];
  expect(after.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ['Ready', 'False', 'Suspended'],
    ['Stalled', 'True', 'Suspended'],
    ['BucketReachable', 'Unknown', 'NotReported'],
  ]);
});

test('one that was never looked at is stalled', () => {
  expect(suspend(s3proxy()).conditions?.map(({ type }) => type)).toEqual([
    'Ready',
    'Stalled',
    'BucketReachable',
  ]);
});

test('said again, it is the same', () => {
  const once = suspend(s3proxy({ conditions: [condition('Ready', 'True', 'Available')] }));
  expect(suspend(s3proxy(once))).toEqual(once);
});
