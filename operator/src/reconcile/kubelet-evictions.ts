import type { KubeClient } from '../kube/client.ts';
import type { Reconcile } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import { keyOf, refTo } from '../kube/objects.ts';
import { POD } from '../kube/resource-kind.ts';
import { type Caches, instanceOf } from './caches.ts';

/**
 * Deletes the proxies that a kubelet has begun to evict, each by the key of the notice. A kubelet under pressure ends a pod within its grace
 * period but says nothing of it in the pod's status before it has ended, and stops probing it at once, so the pod would be sent requests until after it
 * is gone (kubernetes/kubernetes#124648). A pod that is being deleted is taken out of its Service at once, and replaced.
 */
export function createEvictionReconciler(
  client: KubeClient,
  caches: { [Kind in 'evictions' | 'pods' | 's3proxies']: Pick<Caches[Kind], 'store'> },
  recorder: EventRecorder,
): Reconcile {
  return async (key, signal) => {
    const regarding = caches.evictions.store.get(key)?.regarding;
    const pod = regarding && caches.pods.store.get(keyOf(regarding));
    if (pod === undefined || pod.metadata.uid !== regarding?.uid) return;
    if (pod.metadata.deletionTimestamp !== undefined) return;
    const [s3proxy] = instanceOf(pod).map((instance) => caches.s3proxies.store.get(instance));
    if (s3proxy === undefined) return;
    const { name, uid } = pod.metadata;
    if (!(await client.delete(POD, refTo(pod), { preconditions: { uid }, signal }))) return;
    recorder.event(s3proxy, {
      type: 'Normal',
      reason: 'Evicted',
      action: 'DeletePod',
      note: `Deleted Pod ${name}, which its node evicts: it gets no more requests, and is replaced.`,
    });
  };
}
