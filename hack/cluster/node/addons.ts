import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cluster } from '../cluster.ts';
import { runKubectl } from '../kubectl.ts';
import { step } from '../progress.ts';
import { corednsManifests } from './coredns.ts';
import { traefikManifests } from './traefik.ts';

const SERVING_MS = 120_000;

/**
 * Installs cluster DNS and the ingress controller, and waits until both serve.
 * @param since time in milliseconds before the node was started
 */
export async function installAddons(
  { kubeconfig, address }: Pick<Cluster, 'kubeconfig' | 'address'>,
  since: number,
): Promise<void> {
  const kubectl = (args: string[], input?: string) => runKubectl(kubeconfig, args, input);
  const items = [...corednsManifests(), ...traefikManifests(address)];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], list);
  await step('waiting for cluster DNS and the ingress controller', async () => {
    const timeout = `--timeout=${SERVING_MS / 1000}s`;
    for (const workload of ['deployment/coredns', 'daemonset/traefik']) {
      await kubectl(['-n', 'kube-system', 'rollout', 'status', workload, timeout]);
    }
    const deadline = performance.now() + SERVING_MS;
    for (;;) {
      const waiting = podsNotServing(
        await kubectl(['-n', 'kube-system', 'get', 'pods', '-o', 'json']),
        since,
      );
      if (waiting.length === 0) return;
      if (performance.now() > deadline) throw new Error(`not ready in time: ${waiting.join(', ')}`);
      await sleep(200);
    }
  });
}

const podListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({
        containerStatuses: z
          .array(
            z.object({
              ready: z.boolean(),
              state: z.object({ running: z.object({ startedAt: z.coerce.date() }).optional() }),
            }),
          )
          .default([]),
      }),
    }),
  ),
});

/** Names of the pods of a list, as JSON, that are not ready, or are so only by what was said of them before `since`. */
export function podsNotServing(list: string, since: number): string[] {
  return podListSchema
    .parse(JSON.parse(list))
    .items.filter(({ metadata, status }) => {
      if (metadata.deletionTimestamp !== undefined) return false;
      const serving = status.containerStatuses.filter(
        ({ ready, state }) => ready && (state.running?.startedAt.getTime() ?? 0) >= since,
      );
      return serving.length === 0 || serving.length < status.containerStatuses.length;
    })
    .map(({ metadata }) => metadata.name);
}
