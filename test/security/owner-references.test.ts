import { afterAll, beforeAll, it } from 'vitest';
import { API_VERSION, KIND, S3PROXY, type S3Proxy } from '../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import type { KubeObject } from '../../operator/src/kube/objects.ts';
import { DEPLOYMENT, NAMESPACE } from '../../operator/src/kube/resource-kind.ts';
import { type ChartCluster, startChartCluster } from '../chart/cluster.ts';
import { eventually } from '../eventually.ts';
import { administrator, installChart, startChartOperator } from './chart-operator.ts';

// The one permission that no request shows: admission asks for it, where the plugin is on (it is on OpenShift).

const PHOTOS = { namespace: 'anywhere', name: 'photos' };
let cluster: ChartCluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startChartCluster({ admissionPlugins: ['OwnerReferencesPermissionEnforcement'] });
  client = await administrator(cluster);
  await client.create(NAMESPACE, {
    apiVersion: 'v1',
    kind: NAMESPACE.kind,
    metadata: { name: PHOTOS.namespace },
  });
});

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** Runs the operator of the chart with these values until `probe` holds. */
async function runUntil(what: string, probe: () => Promise<boolean>, ...values: string[]): Promise<void> {
  await installChart(cluster, [PHOTOS.namespace], values);
  const spec = { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' } };
  const s3proxy = { apiVersion: API_VERSION, kind: KIND, metadata: PHOTOS, spec } as KubeObject;
  await client.apply(S3PROXY, s3proxy, { fieldManager: 'user' });
  const operator = await startChartOperator(cluster, client);
  try {
    await eventually(what, 30_000, probe);
  } finally {
    await operator.stop();
  }
}

it('children are refused without rbac.ownerReferencesPermissionEnforcement, and the S3Proxy says why', async () => {
  await runUntil('the children to be refused', async () => {
    const { status } = await client.get<S3Proxy>(S3PROXY, PHOTOS);
    const stalled = status?.conditions?.find(({ type }) => type === 'Stalled');
    return stalled?.reason === 'ChildRefused' && /finalizers/.test(stalled.message);
  });
});

it('children are made with it', async () => {
  await runUntil(
    'the Deployment',
    async () => (await client.find(DEPLOYMENT, PHOTOS)) !== undefined,
    'rbac.ownerReferencesPermissionEnforcement=true',
  );
});
