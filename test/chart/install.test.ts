import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaries } from '../../hack/cluster/binaries/binary.ts';
import { type ControlPlane, startControlPlane } from '../../hack/cluster/control-plane.ts';
import { CHART, helm, only, render } from './helm.ts';

const ACCOUNT = 'system:serviceaccount:operators:s3proxy-operator';
const CRD = 'customresourcedefinition/s3proxies.s3proxy.dev';

let directory = '';
let controlPlane: ControlPlane | undefined;
let kubeconfig = '';
let kubectlPath = '';

beforeAll(async () => {
  ({ kubectl: kubectlPath } = await binaries('helm', 'kubectl'));
  directory = await mkdtemp(join(tmpdir(), 's3proxy-chart-'));
  controlPlane = await startControlPlane({ directory });
  ({ kubeconfig } = controlPlane);
  await kubectl('create', 'namespace', 'operators');
  await kubectl('label', 'namespace', 'operators', 'pod-security.kubernetes.io/enforce=restricted');
});

afterAll(async () => {
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(kubectlPath, ['--kubeconfig', kubeconfig, ...args]);
  return stdout;
}

/** Installs or upgrades the release; the namespace has it at once, there is no node to run it. */
function install(...values: string[]): Promise<string> {
  const settings = values.flatMap((value) => ['--set', value]);
  const target = ['--kubeconfig', kubeconfig, '--namespace', 'operators'];
  return helm('upgrade', '--install', 's3proxy-operator', CHART, '--reset-values', ...target, ...settings);
}

function uninstall(): Promise<string> {
  return helm('uninstall', 's3proxy-operator', '--kubeconfig', kubeconfig, '--namespace', 'operators');
}

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
    await kubectl('wait', '--for=condition=Established', '--timeout=30s', CRD);
    // Its schema is served a moment later than the objects are.
    const explanation = () => kubectl('explain', 's3proxy.spec.bucket').catch(() => '');
    await expect.poll(explanation, { timeout: 20_000 }).toMatch(/DESCRIPTION/);
  });

  it('has a pod that the Restricted Pod Security Standard admits', async () => {
    const { spec } = only(await render(), 'Deployment');
    const { template } = spec as { template: object };
    const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { name: 'trial' } };
    const file = join(directory, 'pod.json');
    await writeFile(file, JSON.stringify(pod));
    // The service account of a real API server must be there; no controller makes pods here.
    expect(await kubectl('create', '--dry-run=server', '--namespace', 'operators', '-f', file)).toContain(
      'created',
    );
  });

  it.each([
    ['create', 'secrets', 'anywhere', undefined, true],
    ['patch', 's3proxies.s3proxy.dev/status', 'anywhere', undefined, true],
    ['update', 'leases.coordination.k8s.io', 'operators', 's3proxy-operator', true],
    ['update', 'leases.coordination.k8s.io', 'operators', 'another', false],
    ['get', 'leases.coordination.k8s.io', 'anywhere', 's3proxy-operator', false],
    ['patch', 's3proxies.s3proxy.dev', 'anywhere', undefined, false],
    ['update', 'secrets', 'anywhere', undefined, false],
    ['delete', 'pods', 'anywhere', undefined, false],
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
    await install('replicas=2', 'podDisruptionBudget.enabled=true');
    expect(await kubectl('get', 'pdb', '-n', 'operators', '-o', 'name')).toContain('s3proxy-operator');
  });

  it('keeps the definition when uninstalled, takes it up again, and removes it when told to', async () => {
    await uninstall();
    expect(await kubectl('get', CRD, '-o', 'name')).toContain('s3proxies.s3proxy.dev');
    expect(await kubectl('get', 'deployments,roles', '-n', 'operators', '-o', 'name')).toBe('');
    await install('crds.keep=false');
    await uninstall();
    // Its objects go first.
    await kubectl('wait', '--for=delete', '--timeout=30s', CRD);
  });
});
