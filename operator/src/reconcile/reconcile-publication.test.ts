import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-kind.ts';
import { validS3Proxy } from '../resources/testing/s3proxy.ts';
import type { ProxyPod } from './caches.ts';
import type { ChildApplier } from './child-applier.ts';
import { reconcilePublication } from './reconcile-publication.ts';
import type { Step } from './step.ts';

const READY = { auth: true, tls: true, service: true };

/** What is applied of an S3Proxy whose Ingress has asked for the password so far, and whose rollout is complete. */
async function publish(basic: object, pods: readonly Pick<ProxyPod, 'asks'>[], ready = READY) {
  const applied: string[] = [];
  const live = (kind: ResourceKind, manifest?: KubeObject): KubeObject => ({
    apiVersion: 'v1',
    kind: kind.kind,
    ...manifest,
    metadata: {
      name: 'photos',
      ...manifest?.metadata,
      generation: 1,
      annotations: { 'haproxy.org/auth-secret': 'photos-ingress-auth' },
    },
    ...{ status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 } },
  });
  const applier = {
    obstacles: [],
    find: (kind: ResourceKind) => live(kind),
    apply: async (kind: ResourceKind, manifest: KubeObject) => {
      applied.push(kind.kind);
      return live(kind, manifest);
    },
    remove: async () => undefined,
  } as unknown as ChildApplier;
  const step = { applier, pods: () => pods, now: () => new Date(), handoverMs: 0 } as unknown as Step;
  const s3proxy = validS3Proxy({ auth: { basic } });
  const publication = await reconcilePublication(s3proxy, { image: 'proxy' }, ready, step);
  return { ...publication, applied };
}

test('the Ingress goes on asking while a pod is left that does not', async () => {
  const { applied, pending, settled } = await publish({}, [{ asks: true }, { asks: false }]);
  expect(applied).not.toContain('Ingress');
  expect(pending).toMatch(/no pod is left that does not ask/);
  expect(settled).toBe(false);
});

test.each([
  ['pods that all ask', {}, true],
  ['nobody who is to ask', { enabled: false }, false],
])('it stops with %s', async (_, basic, asks) => {
  const { applied, pending, settled } = await publish(basic, [{ asks }]);
  expect(applied).toContain('Ingress');
  expect(pending).toBeUndefined();
  expect(settled).toBe(true);
});

test("another's Service is not published", async () => {
  const { applied } = await publish({}, [{ asks: true }], { ...READY, service: false });
  expect(applied).not.toContain('Ingress');
});
