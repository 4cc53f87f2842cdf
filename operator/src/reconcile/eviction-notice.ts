import type { KubeObject, ObjectRef } from '../kube/objects.ts';
import { EVENT, type ResourceKind } from '../kube/resource-kind.ts';

/** A kubelet's word that it has begun to evict a pod, and of which one. */
export interface EvictionNotice extends KubeObject {
  regarding: ObjectRef & { uid?: string | undefined };
}

/** What selects the notices among all events. */
export const EVICTION_NOTICES: { kind: ResourceKind; fieldSelector: string } = {
  kind: EVENT,
  fieldSelector: 'reason=Evicted,regarding.kind=Pod',
};

/** Keeps of a notice what names the pod. */
export function trimNotice({ apiVersion, kind, metadata, regarding }: EvictionNotice): EvictionNotice {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, resourceVersion },
    regarding: { name: regarding.name, namespace: regarding.namespace, uid: regarding.uid },
  };
}
