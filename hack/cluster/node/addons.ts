import { binaries } from '../binaries/binary.ts';
import type { Cluster } from '../cluster.ts';
import { command } from '../command.ts';
import { step } from '../progress.ts';
import { corednsManifests } from './coredns.ts';
import { traefikManifests } from './traefik.ts';

/** Installs cluster DNS and the ingress controller, and waits until both serve. */
export async function installAddons(cluster: Pick<Cluster, 'kubeconfig' | 'address'>): Promise<void> {
  const { kubectl } = await binaries('kubectl');
  const run = (args: string[], input?: string) =>
    command(kubectl, ['--kubeconfig', cluster.kubeconfig, ...args], input === undefined ? {} : { input });
  const items = [...corednsManifests(), ...traefikManifests(cluster.address)];
  await run(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  );
  await step('waiting for cluster DNS and the ingress controller', async () => {
    await run(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s']);
    await run(['-n', 'kube-system', 'rollout', 'status', 'daemonset/traefik', '--timeout=120s']);
  });
}
