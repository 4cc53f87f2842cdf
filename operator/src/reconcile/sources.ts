import type { Change } from '../kube/cache-writer.ts';
import type { Controller } from '../kube/controller.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/objects.ts';
import { SECRET } from '../kube/resource-kind.ts';
import { type Caches, instanceOf, type ProxyPod, referrersOf } from './caches.ts';

/** Has every change that concerns an S3Proxy bring its key into the queue: of its children, pods and referenced Secrets. */
export function watchSources(controller: Controller, caches: Caches): void {
  const namedBy = (secret: KubeObject): ObjectKey[] => referrersOf(caches, keyOf(secret));
  for (const reflector of caches.children.values()) {
    // One S3Proxy may name another's Secret.
    const isSecret = reflector.kind.plural === SECRET.plural;
    controller.watch(reflector, (child) =>
      isSecret ? [...ownersOf(child), ...namedBy(child)] : ownersOf(child),
    );
  }
  controller.watch(caches.pods, (pod, change) => (isNewsOfPod(change) ? instanceOf(pod) : []));
  controller.watch(caches.foreignSecrets, namedBy);
}

function ownersOf(child: KubeObject): ObjectKey[] {
  return (child.metadata.ownerReferences ?? [])
    .filter(({ controller, kind }) => controller === true && kind === 'S3Proxy')
    .map(({ name }) => `${child.metadata.namespace}/${name}`);
}

/** Whether a pod came, went, stops, or can be asked elsewhere. Its other changes, such as of its probes' answers, its Deployment tells. */
export function isNewsOfPod(change: Change<ProxyPod>): boolean {
  if (change.type !== 'updated') return true;
  const { object, previous } = change;
  return (
    object.status?.podIP !== previous.status?.podIP ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp
  );
}
