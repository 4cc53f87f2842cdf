import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeTokenKubeconfig } from '../../hack/cluster/control-plane/token-kubeconfig.ts';
import { startControlPlane } from '../../hack/cluster/control-plane.ts';
import { customResourceDefinition } from '../../operator/src/api/crd.ts';
import { S3PROXY } from '../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { type Connection, createConnection } from '../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITION,
  NAMESPACE as NAMESPACE_KIND,
  objectPath,
  type ResourceKind,
  SERVICE_ACCOUNT,
} from '../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';
import { type CallCounts, flowSchemas, readCallCounts, type ServiceAccountName } from './call-counts.ts';
import { NAMESPACE, WARM_UP_NAMESPACE } from './s3proxies.ts';

/** An etcd and a kube-apiserver for one system, which nobody used before. */
export interface Arena {
  directory: string;
  logs: string;
  /** The administrator's, by which the bench itself works. */
  client: KubeClient;
  adminKubeconfig: string;
  /** That of the measured system, whose requests are counted. */
  kubeconfig: string;
  /** Requests of the measured system so far. */
  calls(): Promise<CallCounts>;
  /** Objects of the measured namespace below a prefix in etcd: asking there costs the API server nothing. */
  count(prefix: string): Promise<number>;
  stop(): Promise<void>;
}

/** Who the measured system is: a service account, with a token, as in a cluster. */
const ACCOUNT: ServiceAccountName = { name: 'bench-system', namespace: 'default' };
const TOKEN_SECONDS = 24 * 60 * 60;
/** Creations and edits under way at a time. */
export const EDITORS = 32;

const FLOW_SCHEMA: ResourceKind = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  plural: 'flowschemas',
  kind: 'FlowSchema',
  namespaced: false,
};
const CLUSTER_ROLE_BINDING: ResourceKind = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
};

/** The audit log would make every write slower, and so flatter whoever writes more than is needed. */
const NO_AUDIT = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'None' }] };

/** Starts an API server that knows S3Proxies, with an account for the measured system. */
export async function startArena(): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-bench-operator-'));
  const logs = join(directory, 'logs');
  await mkdir(logs);
  const controlPlane = await startControlPlane({ directory, auditPolicy: NO_AUDIT });
  const { url, etcdUrl, kubeconfig: adminKubeconfig } = controlPlane;
  const connection = createConnection(await kubeconfigCredentials({ path: adminKubeconfig }), {
    // Creations and edits, statuses of Deployments, and what is asked in between.
    maxConnections: EDITORS * 2 + 2,
  });
  const client = createRestClient({ connection, userAgent: 'bench' });
  const stop = async (): Promise<void> => {
    await client.close();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
  let kubeconfig: string;
  try {
    await furnish(client);
    kubeconfig = await writeTokenKubeconfig(
      join(directory, 'system.conf'),
      adminKubeconfig,
      await tokenOf(ACCOUNT, connection),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    directory,
    logs,
    client,
    adminKubeconfig,
    kubeconfig,
    stop,
    async calls() {
      const { calls } = await connection.route();
      const { origin } = new URL(url);
      const { body } = await calls.request({ origin, path: '/metrics', method: 'GET' });
      return readCallCounts(await body.text());
    },
    async count(prefix) {
      const [key, end] = rangeOf(`/registry/${prefix}/${NAMESPACE}/`);
      const answer = await fetch(`${etcdUrl}/v3/kv/range`, {
        method: 'POST',
        body: JSON.stringify({ key, range_end: end, count_only: true }),
      });
      const { count = '0' } = (await answer.json()) as { count?: string };
      return Number(count);
    },
  };
}

/** A token of the account's (TokenRequest, authentication.k8s.io/v1). */
async function tokenOf(account: ServiceAccountName, { server, route }: Connection): Promise<string> {
  const { calls } = await route();
  const { statusCode, body } = await calls.request({
    origin: server.origin,
    path: objectPath(SERVICE_ACCOUNT, account, 'token'),
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    }),
  });
  const text = await body.text();
  if (statusCode !== 201) throw new Error(`no token for ${account.name}: ${text}`);
  return (JSON.parse(text) as { status: { token: string } }).status.token;
}

async function furnish(client: KubeClient): Promise<void> {
  await client.create(CUSTOM_RESOURCE_DEFINITION, customResourceDefinition() as unknown as KubeObject);
  await client.create(SERVICE_ACCOUNT, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ACCOUNT });
  for (const schema of flowSchemas(ACCOUNT)) await client.create(FLOW_SCHEMA, schema);
  await client.create(CLUSTER_ROLE_BINDING, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: ACCOUNT.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
  } as KubeObject);
  for (const name of [NAMESPACE, WARM_UP_NAMESPACE]) {
    await client.create(NAMESPACE_KIND, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await waitFor('S3Proxies to be served', 20_000, async () => {
    await client.list(S3PROXY);
    return true;
  });
}

/** etcd's range of all keys with a prefix, in base64. */
function rangeOf(prefix: string): [key: string, end: string] {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return [Buffer.from(prefix).toString('base64'), end.toString('base64')];
}

/**
 * Waits until `condition` is true; looked at again each 20 ms.
 * @throws Error that says what was waited for
 */
export async function waitFor(
  what: string,
  timeoutMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited in vain for ${what} for ${timeoutMs / 1000} s`, { cause: last });
    }
    await sleep(20);
  }
}

/** Runs `work` for each item, so many at a time. */
export async function forEachAtATime<T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
    }),
  );
}
