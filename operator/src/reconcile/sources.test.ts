import { expect, test } from 'vitest';
import type { ProxyPod } from './caches.ts';
import { isNewsOfPod } from './sources.ts';

function pod(metadata: Partial<ProxyPod['metadata']> = {}, podIP?: string): ProxyPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    asks: true,
    metadata: { name: 'photos-1', ...metadata },
    ...(podIP !== undefined && { status: { podIP } }),
  };
}

function isNews(previous: ProxyPod, object: ProxyPod): boolean {
  return isNewsOfPod({ type: 'updated', object, previous });
}

test('pods that come and go are news', () => {
  expect(isNewsOfPod({ type: 'added', object: pod() })).toBe(true);
  expect(isNewsOfPod({ type: 'deleted', object: pod() })).toBe(true);
});

test('so are those that stop, and those with another address', () => {
  expect(isNews(pod(), pod({ deletionTimestamp: '2026-01-01T00:00:00Z' }))).toBe(true);
  expect(isNews(pod(), pod({}, '10.0.0.1'))).toBe(true);
  expect(isNews(pod({}, '10.0.0.1'), pod({}, '10.0.0.2'))).toBe(true);
});

test('what else changes in a pod is not', () => {
  expect(isNews(pod({ resourceVersion: '1' }, '10.0.0.1'), pod({ resourceVersion: '2' }, '10.0.0.1'))).toBe(
    false,
  );
});
