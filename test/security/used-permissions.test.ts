import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITION, LEASE, NAMESPACE } from '../../operator/src/kube/resource-kind.ts';
import { CERTIFICATE, HTTP_ROUTE, MIDDLEWARE } from '../../operator/src/resources/foreign-kinds.ts';
import { looseCrd } from '../apiserver/survival/cluster.ts';
import { type AuditEntry, auditEntries } from '../audit-log.ts';
import { type ChartCluster, startChartCluster } from '../chart/cluster.ts';
import type { Manifest } from '../chart/helm.ts';
import { ACCOUNT, administrator, installChart, startChartOperator, USERNAME } from './chart-operator.ts';
import { granted, grantOf, type Permission, textOf, used } from './permissions.ts';
import { wholeLife } from './whole-life.ts';

// The operator under the chart's roles and nothing else, through everything it ever does, and what the API server logged of it.

/** How the authorizer's reason ends where a binding to the account itself allowed a request. */
const BOUND = `to ServiceAccount "${ACCOUNT.name}/${ACCOUNT.namespace}"`;

let cluster: ChartCluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startChartCluster();
  client = await administrator(cluster);
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

/** Installs the chart, runs the operator through whole lives in the namespaces, and gives what the API server logged of it. */
async function run(namespaces: readonly string[], values: readonly string[]): Promise<AuditEntry[]> {
  await installChart(cluster, namespaces, values);
  // That of the run before.
  await client.delete(LEASE, ACCOUNT);
  const { length: before } = await auditEntries(cluster.auditLog, USERNAME);
  const operator = await startChartOperator(cluster, client);
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
    entries = await run(namespaces, values);
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
