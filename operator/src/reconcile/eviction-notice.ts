import type { KubeObject, ObjectRef } from '../kube/objects.ts';
import { EVENT, type ResourceKind } from '../kube/resource-kind.ts';
import { bare } from '../kube/trim.ts';

/** A kubelet's word that it has begun to evict a pod, and of which one. */
export interface EvictionNotice extends KubeObject {
  regarding: ObjectRef & { uid?: string | undefined };
}

/** What selects the notices among all events. */
export const EVICTION_NOTICES: { kind: ResourceKind; fieldSelector: string } = {
  kind: EVENT,
  fieldSelector: 'reason=Evicted,regarding.kind=Pod',
};

/** Keeps of a notice what names it and the pod. */
export function trimNotice(notice: EvictionNotice): EvictionNotice {
  const { name, namespace, uid } = notice.regarding;
  return { ...bare(notice), regarding: { name, namespace, uid } };
}
