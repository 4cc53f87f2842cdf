import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Supervised, supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { untilEstablished } from '../../hack/cluster/established.ts';
import { type ChartCluster, startChartCluster } from './cluster.ts';
import { parseDeployment } from './deployment.ts';
import { writePreviousChart } from './previous-chart.ts';

const OPERATOR = resolve(import.meta.dirname, '../../operator/src/main.ts');
const CHILDREN = 'deployments,services,ingresses,secrets,serviceaccounts';
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().optional(),
  }),
});

let cluster: ChartCluster;
let kubectl: ChartCluster['kubectl'];
let previousChart = '';

beforeAll(async () => {
  cluster = await startChartCluster();
  ({ kubectl } = cluster);
  previousChart = await writePreviousChart(cluster.directory, 'logging');
});
afterAll(() => cluster?.stop());

async function get(kind: string, name: string, namespace: string) {
  return manifest.parse(JSON.parse(await kubectl('get', kind, name, '-n', namespace, '-o', 'json')));
}

/** What was made for S3Proxies, each with its version: anything written since has another one. */
async function children(): Promise<string[]> {
  const list: unknown = JSON.parse(
    await kubectl(
      'get',
      CHILDREN,
      '-n',
      'default',
      '-l',
      'app.kubernetes.io/managed-by=s3proxy-operator',
      '-o',
      'json',
    ),
  );
  const { items } = z.object({ items: z.array(manifest) }).parse(list);
  return items
    .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
    .sort();
}

/** Runs the operator as the installed Deployment would, until it has looked at every S3Proxy. */
async function runOperator(): Promise<void> {
  const { environment } = parseDeployment(await get('deployment', 's3proxy-operator', 'operators'));
  const [metricsPort, healthPort] = await freePorts(2);
  const operator: Supervised = supervise('operator', process.execPath, [OPERATOR], {
    logs: join(cluster.directory, 'logs'),
    restart: false,
    env: {
      ...environment,
      PATH: process.env.PATH,
      KUBECONFIG: cluster.kubeconfig,
      // No pod answers.
      PROBE_SECONDS: '0',
      LEADER_ELECTION: 'false',
      METRICS_PORT: String(metricsPort),
      HEALTH_PORT: String(healthPort),
    },
  });
  const metrics = async () =>
    (await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => undefined))?.text() ?? '';
  await expect
    .poll(metrics, { timeout: 30_000 })
    .toMatch(/controller_runtime_reconcile_total\{controller="s3proxy",result="\w+"\} [1-9]/);
  await operator.stop();
}

describe('from the previous chart to this one', () => {
  let before: { s3proxy: string; children: string[]; operator: number | undefined };

  it('starts with an S3Proxy that the previous one published', async () => {
    await cluster.install([], previousChart);
    await untilEstablished(kubectl, 's3proxies.s3proxy.dev');
    const s3proxy = {
      apiVersion: 's3proxy.dev/v1alpha1',
      kind: 'S3Proxy',
      metadata: { name: 'photos', namespace: 'default' },
      spec: { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' } },
    };
    const file = join(cluster.directory, 'photos.json');
    await writeFile(file, JSON.stringify(s3proxy));
    await expect.poll(() => kubectl('apply', '-f', file), { timeout: 20_000 }).toContain('photos');
    await runOperator();
    before = {
      s3proxy: (await get('s3proxy', 'photos', 'default')).metadata.uid,
      children: await children(),
      operator: (await get('deployment', 's3proxy-operator', 'operators')).metadata.generation,
    };
    expect(before.children.map((child) => child.split(' ', 2).join(' '))).toContain('Deployment photos');
  });

  it('brings the new definition, and keeps every S3Proxy', async () => {
    expect(await kubectl('explain', 's3proxy.spec.logging').catch((error: Error) => error.message)).toContain(
      'does not exist',
    );
    await cluster.install();
    // Its schema is served a moment later than the object is.
    const explain = () => kubectl('explain', 's3proxy.spec.logging').catch(() => '');
    await expect.poll(explain, { timeout: 20_000 }).toContain('DESCRIPTION');
    expect((await get('s3proxy', 'photos', 'default')).metadata.uid).toBe(before.s3proxy);
  });

  it('does not restart the operator when nothing changed for it', async () => {
    const { metadata } = await get('deployment', 's3proxy-operator', 'operators');
    expect(metadata.labels).toMatchObject({ 'helm.sh/chart': 's3proxy-operator-0.1.0' });
    // The generation counts changes of the spec, the pod template included.
    expect(metadata.generation).toBe(before.operator);
    await cluster.install(['logLevel=debug']);
    expect((await get('deployment', 's3proxy-operator', 'operators')).metadata.generation).not.toBe(
      before.operator,
    );
  });

  it('writes to no child, and so restarts no proxy', async () => {
    await runOperator();
    expect(await children()).toEqual(before.children);
  });

  it('keeps definition, S3Proxies and children when it is uninstalled', async () => {
    await cluster.uninstall();
    expect(await kubectl('get', 'deployments,services,roles', '-n', 'operators', '-o', 'name')).toBe('');
    expect((await get('s3proxy', 'photos', 'default')).metadata.uid).toBe(before.s3proxy);
    expect(await children()).toEqual(before.children);
  });

  it('takes them up again when it is installed again', async () => {
    await cluster.install();
    await runOperator();
    expect((await get('s3proxy', 'photos', 'default')).metadata.uid).toBe(before.s3proxy);
    expect(await children()).toEqual(before.children);
  });

  it('removes definition and S3Proxies when told to', async () => {
    expect(await cluster.install(['crds.keep=false'])).toContain('Uninstalling this release removes');
    await cluster.uninstall();
    // Its objects go first.
    await kubectl('wait', '--for=delete', '--timeout=30s', 'crd/s3proxies.s3proxy.dev');
    await expect(get('s3proxy', 'photos', 'default')).rejects.toThrow(/could not find|doesn't have/);
  });
});
