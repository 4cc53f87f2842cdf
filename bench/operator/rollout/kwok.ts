import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries } from '../../../hack/cluster/binaries/binary.ts';
import { supervise } from '../../../hack/cluster/control-plane/supervisor.ts';
import type { ResourceKind } from '../../../operator/src/kube/resource-kind.ts';
import type { Arena } from '../arena.ts';
import { nodeManifest, STAGES } from './kwok-stages.ts';
import type { Rollout } from './rollout.ts';

/** Nodes that nobody runs. */
const NODES = 10;
/** Without it the Deployment controller would wait for its own rate limit, and the measurement with it. */
const UNTHROTTLED = ['--kube-api-qps=5000', '--kube-api-burst=10000'];

const NODE: ResourceKind = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

/** Runs the Deployment and ReplicaSet controllers and the scheduler, with kwok's nodes, on which pods are ready at once. */
export async function runOnKwok({ adminKubeconfig, client, directory, logs }: Arena): Promise<Rollout> {
  const programs = await binaries('kube-controller-manager', 'kube-scheduler', 'kwok');
  for (let index = 0; index < NODES; index++) {
    const { metadata } = await client.create(NODE, nodeManifest(index));
    // A new node is tainted as not ready, which the controller that would take the taint away does not run for.
    await client.patch(NODE, { name: metadata.name }, { spec: { taints: null } });
  }
  const config = join(directory, 'kwok-stages.json');
  await writeFile(config, STAGES.map((stage) => JSON.stringify(stage)).join('\n---\n'));
  const kubeconfig = `--kubeconfig=${adminKubeconfig}`;
  const alone = ['--leader-elect=false', '--secure-port=0'];
  const running = [
    supervise(
      'kube-controller-manager',
      programs['kube-controller-manager'],
      [
        kubeconfig,
        ...alone,
        ...UNTHROTTLED,
        '--controllers=deployment-controller,replicaset-controller',
        '--concurrent-deployment-syncs=5',
        '--concurrent-replicaset-syncs=5',
      ],
      { logs },
    ),
    supervise('kube-scheduler', programs['kube-scheduler'], [kubeconfig, ...alone, ...UNTHROTTLED], { logs }),
    supervise(
      'kwok',
      programs.kwok,
      [kubeconfig, '--manage-all-nodes', `--config=${config}`, '--node-lease-duration-seconds=0'],
      { logs },
    ),
  ];
  return {
    async stop() {
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}
