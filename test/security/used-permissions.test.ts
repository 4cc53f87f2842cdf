import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITION,
  DEPLOYMENT,
  LEASE,
  NAMESPACE,
} from '../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../../operator/src/resources/foreign-kinds.ts';
import { startOperatorProcess } from '../apiserver/operator-process.ts';
import { looseCrd } from '../apiserver/survival/cluster.ts';
import { type AuditEntry, auditEntries } from '../audit-log.ts';
import { eventually } from '../eventually.ts';
import { type ChartCluster, startChartCluster } from '../chart/cluster.ts';
import { parseDeployment } from '../chart/deployment.ts';
import type { Manifest } from '../chart/helm.ts';
import { granted, grantOf, type Permission, textOf, used } from './permissions.ts';
import { wholeLife } from './whole-life.ts';

// The operator under the chart's roles and nothing else, through everything it ever does, and what the API server logged of it.

const OPERATORS = 'operators';
const ACCOUNT = { name: 's3proxy-operator', namespace: OPERATORS };
const USERNAME = `system:serviceaccount:${OPERATORS}:${ACCOUNT.name}`;
/** How the authorizer's reason ends where a binding to the account itself allowed a request. */
const BOUND = `to ServiceAccount "${ACCOUNT.name}/${OPERATORS}"`;

let cluster: ChartCluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startChartCluster();
  client = createRestClient({
    connection: createConnection(await kubeconfigCredentials({ path: cluster.kubeconfig })),
    userAgent: 'chart-test',
  });
  for (const kind of [HTTP_ROUTE, CERTIFICATE, MIDDLEWARE])
    await client.create(CUSTOM_RESOURCE_DEFINITION, looseCrd(kind) as KubeObject);
  for (const name of ['anywhere', 'one', 'two'])
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: NAMESPACE.kind, metadata: { name } });
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

async function grants(): Promise<Permission[]> {
  const list = async <T>(kinds: string): Promise<T[]> =>
    (JSON.parse(await cluster.kubectl('get', kinds, '-A', '-o', 'json')) as { items: T[] }).items;
  return granted(
    ACCOUNT,
    await list<Manifest>('clusterroles,roles'),
    await list('clusterrolebindings,rolebindings'),
  );
}

/** A kubeconfig with a token of the operator's own account. */
async function operatorKubeconfig(): Promise<string> {
  const token = (await cluster.kubectl('create', 'token', ACCOUNT.name, '-n', OPERATORS)).trim();
  const path = join(cluster.directory, 'operator.conf');
  const authority = (await readFile(cluster.ca)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'operator',
    clusters: [{ name: 'local', cluster: { server: cluster.url, 'certificate-authority-data': authority } }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'operator', context: { cluster: 'local', user: 'operator' } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** The environment that the chart gives the operator. */
async function operatorEnvironment(): Promise<Record<string, string>> {
  const deployment = await client.get(DEPLOYMENT, { name: ACCOUNT.name, namespace: OPERATORS });
  return { ...parseDeployment(deployment as unknown as Manifest).environment, POD_NAMESPACE: OPERATORS };
}

/** The authorizer hears of new roles a moment later. */
async function waitForRoles(namespaces: readonly string[]): Promise<void> {
  const may = (...question: string[]) =>
    eventually(`the operator's roles: ${question.join(' ')}`, 10_000, async () =>
      (await cluster.kubectl('auth', 'can-i', ...question, '--as', USERNAME).catch(() => 'no')).startsWith(
        'yes',
      ),
    );
  for (const namespace of namespaces)
    await may('patch', 's3proxies', '--subresource=status', '-n', namespace);
  await may('update', `leases/${ACCOUNT.name}`, '-n', OPERATORS);
}

/** Installs the chart, runs the operator through whole lives in the namespaces, and gives what the API server logged of it. */
async function run(namespaces: readonly string[], ...values: string[]): Promise<AuditEntry[]> {
  await cluster.install(values);
  await cluster.kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd/s3proxies.s3proxy.dev');
  await waitForRoles(namespaces);
  await client.delete(LEASE, { name: ACCOUNT.name, namespace: OPERATORS });
  const { length: before } = await auditEntries(cluster.auditLog, USERNAME);
  const operator = await startOperatorProcess({
    kubeconfig: await operatorKubeconfig(),
    logs: cluster.directory,
    env: await operatorEnvironment(),
  });
  try {
    await Promise.all(namespaces.map((namespace) => wholeLife(client, namespace)));
  } finally {
    await operator.stop();
  }
  return (await auditEntries(cluster.auditLog, USERNAME)).slice(before);
}

const sorted = (permissions: readonly Permission[]): string[] => [...new Set(permissions.map(textOf))].sort();

describe.each([
  ['in all namespaces', ['anywhere'], []],
  ['in two namespaces', ['one', 'two'], ['watchNamespaces={one,two}']],
])('the operator %s', (_, namespaces, values) => {
  let entries: AuditEntry[] = [];
  beforeAll(async () => {
    entries = await run(namespaces, 'probeSeconds=0', ...values);
  });

  it('uses each permission that it has, and has each that it uses', async () => {
    const all = await grants();
    const uses = entries.flatMap(used).map((use) => grantOf(use, all) ?? use);
    expect(all.length).toBeGreaterThan(60);
    expect(sorted(uses)).toEqual(sorted(all));
  });

  it('is never refused, and is allowed by nothing but its own roles and discovery', () => {
    const refused = entries.filter(
      ({ annotations, responseStatus }) =>
        annotations?.['authorization.k8s.io/decision'] !== 'allow' || responseStatus?.code === 403,
    );
    expect(refused).toEqual([]);
    const others = entries.filter(
      ({ annotations }) => annotations?.['authorization.k8s.io/reason']?.includes(BOUND) !== true,
    );
    for (const { objectRef, requestURI } of others) {
      expect(objectRef?.resource).toBeUndefined();
      expect(requestURI).toMatch(/^\/apis\/[^/]+\/[^/]+$/);
    }
  });
});
