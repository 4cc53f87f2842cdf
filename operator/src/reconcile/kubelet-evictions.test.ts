import { expect, test } from 'vitest';
import { API_VERSION, KIND, type S3Proxy } from '../api/s3proxy.ts';
import type { KubeClient } from '../kube/client.ts';
import { createObjectStore } from '../kube/object-store.ts';
import { childLabels } from '../resources/labels.ts';
import type { ProxyPod } from './caches.ts';
import { type EvictionNotice, trimNotice } from './eviction-notice.ts';
import { createEvictionReconciler } from './kubelet-evictions.ts';

const REGARDING = { kind: 'Pod', namespace: 'web', name: 'photos-1', uid: 'pod-1' };

/** What is deleted and told when the notice is handled while there is such a pod. */
async function handle(metadata: Partial<ProxyPod['metadata']>, regarding: object = REGARDING) {
  const caches = {
    evictions: { store: createObjectStore<EvictionNotice>() },
    pods: { store: createObjectStore<ProxyPod>() },
    s3proxies: { store: createObjectStore<S3Proxy>() },
  };
  const labels = childLabels('photos', 'proxy');
  caches.pods.store.set({
    apiVersion: 'v1',
    kind: 'Pod',
    asks: true,
    metadata: { name: 'photos-1', namespace: 'web', uid: 'pod-1', labels, ...metadata },
  });
  caches.s3proxies.store.set({
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name: 'photos', namespace: 'web' },
  } as S3Proxy);
  const notice = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'photos-1.18', namespace: 'web', annotations: { starved_resource: 'pids' } },
    regarding,
    note: 'The node was low on resource: pids.',
  };
  caches.evictions.store.set(trimNotice(notice as unknown as EvictionNotice));
  const deleted: unknown[] = [];
  const told: string[] = [];
  const client = {
    delete: async (_: unknown, ref: object, options: { preconditions: object }) =>
      deleted.push({ ...ref, ...options.preconditions }),
  } as unknown as KubeClient;
  const recorder = {
    event: (_: object, { note }: { note: string }) => told.push(note),
    flush: async () => undefined,
    close: () => undefined,
  };
  const reconcile = createEvictionReconciler(client, caches, recorder);
  await reconcile('web/photos-1.18', new AbortController().signal);
  return { deleted, told };
}

test('a pod that its node evicts is deleted, that very one, and the S3Proxy says so', async () => {
  const { deleted, told } = await handle({});
  expect(deleted).toEqual([{ namespace: 'web', name: 'photos-1', uid: 'pod-1' }]);
  expect(told).toEqual([
    'Deleted Pod photos-1, which its node evicts: it gets no more requests, and is replaced.',
  ]);
});

test.each([
  ['one of the same name that came after it', { uid: 'pod-2' }],
  ['one that is being deleted', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
  ['one of an S3Proxy that is gone', { labels: childLabels('others', 'proxy') }],
])('%s is left alone', async (_, pod) => {
  expect(await handle(pod)).toEqual({ deleted: [], told: [] });
});

test('a notice of a pod that is not there any more is nothing', async () => {
  expect(await handle({}, { ...REGARDING, name: 'photos-2' })).toEqual({ deleted: [], told: [] });
});
