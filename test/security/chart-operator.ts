import { join } from 'node:path';
import { writeTokenKubeconfig } from '../../hack/cluster/control-plane/token-kubeconfig.ts';
import { untilEstablished } from '../../hack/cluster/established.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import { DEPLOYMENT } from '../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';
import { type OperatorProcess, startOperatorProcess } from '../apiserver/operator-process.ts';
import type { ChartCluster } from '../chart/cluster.ts';
import { parseDeployment } from '../chart/deployment.ts';
import type { Manifest } from '../chart/helm.ts';
import { eventually } from '../eventually.ts';

/** The operator's service account, as the chart's release in the tests has it. */
export const ACCOUNT = { name: 's3proxy-operator', namespace: 'operators' };
export const USERNAME = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;

/** An administrator's client. */
export async function administrator({ kubeconfig }: ChartCluster): Promise<KubeClient> {
  return createRestClient({
    connection: createConnection(await kubeconfigCredentials({ path: kubeconfig })),
    userAgent: 'security-test',
  });
}

/** Installs or upgrades the chart, and waits until its definition and its roles, at least in these namespaces, hold. */
export async function installChart(
  { install, kubectl }: ChartCluster,
  namespaces: readonly string[],
  values: readonly string[],
): Promise<void> {
  await install([...values, 'probeSeconds=0']);
  await untilEstablished(kubectl, 's3proxies.s3proxy.dev');
  // The authorizer hears of new roles a moment later. The exit code of a "no" is 1.
  const may = (...question: string[]) =>
    eventually(`the operator's roles: ${question.join(' ')}`, 10_000, async () => {
      const answer = await kubectl('auth', 'can-i', ...question, '--as', USERNAME).catch(() => 'no');
      return answer.startsWith('yes');
    });
  for (const namespace of namespaces)
    await may('patch', 's3proxies', '--subresource=status', '-n', namespace);
  await may('update', `leases/${ACCOUNT.name}`, '-n', ACCOUNT.namespace);
}

/** Starts the operator as its pod would: with a token of its own account, and the environment that the chart gives it. */
export async function startChartOperator(
  cluster: ChartCluster,
  client: KubeClient,
): Promise<OperatorProcess> {
  const { name, namespace } = ACCOUNT;
  const deployment = await client.get(DEPLOYMENT, ACCOUNT);
  const { environment } = parseDeployment(deployment as unknown as Manifest);
  const token = (await cluster.kubectl('create', 'token', name, '-n', namespace)).trim();
  return startOperatorProcess({
    kubeconfig: await writeTokenKubeconfig(
      join(cluster.directory, 'operator.conf'),
      cluster.kubeconfig,
      token,
    ),
    logs: cluster.directory,
    env: { ...environment, POD_NAMESPACE: namespace },
  });
}
