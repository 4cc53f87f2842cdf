import type { Change } from '../kube/cache-writer.ts';
import type { Controller } from '../kube/controller.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../kube/objects.ts';
import { SECRET } from '../kube/resource-kind.ts';
import { BY_REFERENCED_SECRET, type Caches, instanceOf, type ProxyPod } from './caches.ts';

/** Has every change that concerns an S3Proxy bring its key into the queue: of its children, pods and referenced Secrets. */
export function watchSources(controller: Controller, caches: Caches): void {
  const referrersOf = (secret: KubeObject): ObjectKey[] =>
    caches.s3proxies.store.index(BY_REFERENCED_SECRET, keyOf(secret)).map(keyOf);
  for (const reflector of caches.children.values()) {
    // One S3Proxy may name another's Secret.
    const isSecret = reflector.kind.plural === SECRET.plural;
    controller.watch(reflector, (child) =>
      isSecret ? [...ownersOf(child), ...referrersOf(child)] : ownersOf(child),
    );
  }
  controller.watch(caches.pods, (pod, change) => (isNewsOfPod(change) ? instanceOf(pod) : []));
  controller.watch(caches.foreignSecrets, referrersOf);
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
