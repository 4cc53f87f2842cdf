import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilEstablished } from '../../hack/cluster/established.ts';
import { type ChartCluster, startChartCluster } from './cluster.ts';
import { type Manifest, only, render } from './helm.ts';

const ACCOUNT = 'system:serviceaccount:operators:s3proxy-operator';

let cluster: ChartCluster;
let kubectl: ChartCluster['kubectl'];

beforeAll(async () => {
  cluster = await startChartCluster();
  ({ kubectl } = cluster);
});
afterAll(() => cluster?.stop());

const install = (...values: string[]): Promise<string> => cluster.install(values);

/** Whether the operator may do so; of a subresource when the resource is written "resource/subresource". */
async function may(verb: string, what: string, namespace: string, name?: string): Promise<boolean> {
  const [resource = '', subresource] = what.split('/');
  const target = name === undefined ? resource : `${resource}/${name}`;
  const part = subresource === undefined ? [] : [`--subresource=${subresource}`];
  const question = ['auth', 'can-i', verb, target, ...part, '--namespace', namespace, '--as', ACCOUNT];
  // The exit code of a "no" is 1.
  return (await kubectl(...question).catch(() => 'no')).trim() === 'yes';
}

describe('the installed chart', () => {
  it('says what to do next', async () => {
    expect(await install()).toMatch(/kind: S3Proxy[\s\S]*kubectl explain s3proxy\.spec/);
  });

  it('defines S3Proxies', async () => {
    await untilEstablished(kubectl, 's3proxies.s3proxy.dev');
    // Its schema is served a moment later than the objects are.
    const explanation = () => kubectl('explain', 's3proxy.spec.bucket').catch(() => '');
    await expect.poll(explanation, { timeout: 20_000 }).toMatch(/DESCRIPTION/);
  });

  it('has pods that the Restricted Pod Security Standard admits', async () => {
    // No controller makes pods and service accounts here.
    await kubectl('create', 'serviceaccount', 'default', '--namespace', 'operators');
    const manifests = await render();
    const { template } = only(manifests, 'Deployment').spec as { template: { spec: object } };
    const trial: Manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'trial' },
      spec: template.spec,
    };
    for (const pod of [trial, only(manifests, 'Pod')]) {
      const file = join(cluster.directory, 'pod.json');
      await writeFile(file, JSON.stringify(pod));
      expect(await kubectl('create', '--dry-run=server', '--namespace', 'operators', '-f', file)).toContain(
        'created',
      );
    }
  });

  it.each([
    ['create', 'secrets', 'anywhere', undefined, true],
    ['patch', 's3proxies.s3proxy.dev/status', 'anywhere', undefined, true],
    ['update', 'leases.coordination.k8s.io', 'operators', 's3proxy-operator', true],
    ['update', 'leases.coordination.k8s.io', 'operators', 'another', false],
    ['get', 'leases.coordination.k8s.io', 'anywhere', 's3proxy-operator', false],
    ['patch', 's3proxies.s3proxy.dev', 'anywhere', undefined, false],
    ['update', 'secrets', 'anywhere', undefined, false],
    ['create', 'pods', 'anywhere', undefined, false],
    ['create', 'pods/exec', 'anywhere', undefined, false],
    ['get', 'configmaps', 'anywhere', undefined, false],
  ])(
    'answers "%s %s in %s (%s)?" for the operator: %s',
    async (verb, resource, namespace, name, expected) => {
      // The authorizer hears of new roles a moment later.
      await expect.poll(() => may(verb, resource, namespace, name), { timeout: 10_000 }).toBe(expected);
    },
  );

  it('changes to one namespace and back', async () => {
    const mayWrite = (namespace: string) =>
      expect.poll(() => may('create', 'secrets', namespace), { timeout: 10_000 });
    await kubectl('create', 'namespace', 'team');
    await install('watchNamespaces={team}');
    await mayWrite('team').toBe(true);
    await mayWrite('operators').toBe(false);
    await install();
    await mayWrite('operators').toBe(true);
  });

  it('changes the way it is updated', async () => {
    await install('leaderElection.enabled=false');
    expect(await kubectl('get', 'deployment', '-n', 'operators', '-o', 'jsonpath={..strategy}')).toBe(
      '{"type":"Recreate"}',
    );
    await install('replicas=2', 'networkPolicy.enabled=true');
    expect(await kubectl('get', 'pdb,networkpolicy', '-n', 'operators', '-o', 'name')).toBe(
      'poddisruptionbudget.policy/s3proxy-operator\nnetworkpolicy.networking.k8s.io/s3proxy-operator\n',
    );
  });
});
