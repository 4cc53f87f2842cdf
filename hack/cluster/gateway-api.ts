import { join } from 'node:path';
import { GO_ENVIRONMENT, goToolchain } from './binaries/go-toolchain.ts';
import type { Cluster } from './cluster.ts';
import { command } from './command.ts';
import { untilEstablished } from './established.ts';
import { runKubectl } from './kubectl.ts';
import { traefikManifests } from './node/traefik.ts';
import { step } from './progress.ts';

/** The version that Traefik's module names, and what Go's checksum database says of it. */
const MODULE = 'sigs.k8s.io/gateway-api@v1.6.1';
const SUM = 'h1:mock6phZbI6rvZerwrVNk7hVNymQgHo+6sJ81Ia7ftY=';

/** Of the ingress controller, which serves Gateways too from then on. */
export const GATEWAY_CLASS = 'traefik';

/**
 * Installs the Gateway API's definitions of the standard channel and has the ingress controller serve Gateways of the class
 * `traefik`, whose listeners are on the ports 80 and 443 of the node. Resolves when it runs again.
 */
export async function installGatewayApi(cluster: Pick<Cluster, 'kubeconfig' | 'address'>): Promise<void> {
  const kubectl = (args: string[], input?: string) => runKubectl(cluster.kubeconfig, args, input);
  const definitions = join(await moduleDirectory(), 'config', 'crd', 'standard');
  await step('installing the Gateway API', async () => {
    await kubectl(['apply', '--server-side', '-f', definitions]);
    await untilEstablished((...args) => kubectl(args), 'httproutes.gateway.networking.k8s.io');
    const gatewayClass = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: GATEWAY_CLASS },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    };
    const items = [gatewayClass, ...traefikManifests(cluster.address, { gateway: true })];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], list);
    await kubectl(['-n', 'kube-system', 'rollout', 'status', 'daemonset/traefik', '--timeout=120s']);
  });
}

/** The definitions are part of the Go module, which is on the module proxy. */
async function moduleDirectory(): Promise<string> {
  const go = await goToolchain();
  const env = { ...process.env, ...GO_ENVIRONMENT, GOFLAGS: '-mod=mod' };
  const answer = await command(go, ['mod', 'download', '-json', MODULE], { cwd: '/', env });
  const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
  if (Sum !== SUM) throw new Error(`${MODULE} has the checksum ${Sum}, not ${SUM}`);
  return Dir;
}
