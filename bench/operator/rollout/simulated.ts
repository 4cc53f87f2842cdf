import type { KubeClient } from '../../../operator/src/kube/client.ts';
import { isApiError } from '../../../operator/src/kube/errors.ts';
import { keyOf, refTo } from '../../../operator/src/kube/objects.ts';
import { createQueue } from '../../../operator/src/kube/queue.ts';
import { DEPLOYMENT } from '../../../operator/src/kube/resource-kind.ts';
import type { LiveDeployment } from '../../../operator/src/reconcile/deployment-state.ts';
import { isRolledOut, rolledOutStatus } from '../../../operator/src/reconcile/testing/rolled-out.ts';
import type { Watches } from '../watches.ts';
import type { Rollout } from './rollout.ts';

/** Statuses written at a time: enough that nobody waits for them but for the API server. */
const CONCURRENCY = 32;

/** Writes each Deployment's status for its newest generation, as if all pods were ready at once. */
export function simulateRollout(client: KubeClient, { deployments }: Watches): Rollout {
  const queue = createQueue({ name: 'rollout' });
  deployments.subscribe(({ object }) => {
    if (!isRolledOut(object)) queue.add(keyOf(object));
  });
  const workers = Array.from({ length: CONCURRENCY }, async () => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      const deployment = deployments.store.get(key);
      if (deployment !== undefined && !isRolledOut(deployment)) await rollOut(client, deployment);
      queue.done(key);
    }
  });
  return {
    async stop() {
      queue.stop();
      await Promise.all(workers);
    },
  };
}

async function rollOut(client: KubeClient, deployment: LiveDeployment): Promise<void> {
  try {
    await client.patchStatus(
      DEPLOYMENT,
      refTo(deployment),
      { status: rolledOutStatus(deployment) },
      { fieldManager: 'bench-rollout', metadataOnly: true },
    );
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
}
