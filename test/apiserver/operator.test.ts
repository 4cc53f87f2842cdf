import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Supervised, supervise } from '../../hack/cluster/control-plane/supervisor.ts';
import { type ControlPlane, startControlPlane } from '../../hack/cluster/control-plane.ts';
import { eventually, type KubernetesObject, kubectl } from '../e2e/kubectl.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NAMESPACE = 'default';
const CHILDREN = [
  ['deployment', 'photos'],
  ['service', 'photos'],
  ['ingress', 'photos'],
  ['secret', 'photos-basic-auth'],
  ['secret', 'photos-htpasswd'],
  ['secret', 'photos-ca'],
  ['secret', 'photos-tls'],
] as const;

let directory: string;
let controlPlane: ControlPlane;
let operator: Supervised;
let client: ReturnType<typeof kubectl>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3proxy-operator-'));
  controlPlane = await startControlPlane({ directory });
  client = kubectl(await binary('kubectl'), controlPlane.kubeconfig);
  await client.run('apply', '-f', join(ROOT, 'crds'));
  await client.run('wait', '--for=condition=Established', 'crd/s3proxies.s3proxy.dev');
  const [METRICS_PORT, HEALTH_PORT] = await freePorts(2);
  operator = supervise('operator', process.execPath, [join(ROOT, 'operator', 'src', 'main.ts')], {
    logs: directory,
    restart: false,
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: controlPlane.kubeconfig,
      PROXY_IMAGE: 'example.invalid/proxy:1',
      LEADER_ELECTION: 'false',
      PROBE_SECONDS: '0',
      METRICS_PORT: String(METRICS_PORT),
      HEALTH_PORT: String(HEALTH_PORT),
    },
  });
});

afterAll(async () => {
  await operator?.stop();
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

function photos(spec: Record<string, unknown> = {}): object {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: 'photos', namespace: NAMESPACE },
    spec: { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' }, ...spec },
  };
}

async function child(kind: string, name: string): Promise<KubernetesObject> {
  const { value } = await eventually(`${kind} ${name}`, 15_000, () =>
    client.find<KubernetesObject>(kind, name, NAMESPACE),
  );
  return value;
}

async function condition(type: string, status: string, reason: RegExp) {
  const { value } = await eventually(`${type}=${status} ${reason}`, 15_000, async () => {
    const s3proxy = await client.find('s3proxy', 'photos', NAMESPACE);
    const found = s3proxy?.status?.conditions?.find((each) => each.type === type);
    return found?.status === status && reason.test(found.reason) ? found : undefined;
  });
  return value;
}

/** What a Deployment controller would say once all pods are ready: there is none here. */
async function rollOut(): Promise<void> {
  const { metadata } = await child('deployment', 'photos');
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const status = JSON.stringify({ status: { observedGeneration: metadata.generation, ...counts } });
  await client.run(
    ...[
      'patch',
      'deployment',
      'photos',
      '-n',
      NAMESPACE,
      '--subresource=status',
      '--type=merge',
      '-p',
      status,
    ],
  );
}

/** Requests of the operator that changed something, from the audit log. */
async function operatorWrites(): Promise<number> {
  const text = await readFile(controlPlane.auditLog, 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('"userAgent":"s3proxy-operator/'))
    .filter((line) => !/"verb":"(get|list|watch)"/.test(line)).length;
}

describe('the operator on a real API server', () => {
  test('makes every child, owned by the S3Proxy', async () => {
    await client.apply(photos());
    const owner = await child('s3proxy', 'photos');
    for (const [kind, name] of CHILDREN) {
      const { metadata } = await child(kind, name);
      expect(metadata, name).toMatchObject({
        ownerReferences: [{ kind: 'S3Proxy', uid: owner.metadata.uid, controller: true }],
      });
    }
    await condition('Reconciling', 'True', /Progressing/);
    expect((await condition('Ready', 'False', /Progressing/)).message).not.toBe('');
  });

  test('is Ready when the rollout is complete', async () => {
    await rollOut();
    await condition('Ready', 'True', /Available/);
    const s3proxy = await client.find('s3proxy', 'photos', NAMESPACE);
    expect(s3proxy?.status).toMatchObject({
      url: 'https://photos.example.com/',
      readyReplicas: 1,
      authSecretName: 'photos-basic-auth',
    });
    expect(s3proxy?.status?.conditions?.map(({ type }) => type)).not.toContain('Reconciling');
  });

  test('writes nothing after a restart, and keeps the password', async () => {
    const before = await child('secret', 'photos-basic-auth');
    await operator.stop();
    const writes = await operatorWrites();
    operator.start();
    await sleep(8_000);
    expect(await operatorWrites()).toBe(writes);
    expect((await child('secret', 'photos-basic-auth')).data).toEqual(before.data);
  });

  test('removes the children that are no longer wanted', async () => {
    await client.apply(photos({ ingress: { enabled: false }, auth: { basic: { enabled: false } } }));
    // Not before no pod mounts them any more.
    await eventually('the Deployment without a password', 15_000, async () => {
      const { spec } = await child('deployment', 'photos');
      return !JSON.stringify(spec).includes('htpasswd');
    });
    expect(await client.find('secret', 'photos-htpasswd', NAMESPACE)).toBeDefined();
    await rollOut();
    for (const [kind, name] of CHILDREN.slice(2)) {
      await eventually(`${kind} ${name} to go`, 15_000, async () => {
        return (await client.find(kind, name, NAMESPACE)) === undefined;
      });
    }
    const { spec } = await child('deployment', 'photos');
    expect(JSON.stringify(spec)).not.toContain('htpasswd');
  });

  test('is stalled by a missing Secret, leaves what runs as it is, and goes on by itself', async () => {
    const before = await child('deployment', 'photos');
    await client.apply(photos({ credentials: { secretRef: { name: 'keys' } } }));
    const stalled = await condition('Stalled', 'True', /SecretNotFound/);
    expect(stalled.message).toContain('keys');
    expect((await child('deployment', 'photos')).metadata.generation).toBe(before.metadata.generation);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace: NAMESPACE } };
    await client.apply({ ...secret, stringData: { AWS_ACCESS_KEY_ID: 'A' } });
    await condition('Stalled', 'True', /SecretInvalid/);
    await client.apply({ ...secret, stringData: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B' } });
    await condition('Reconciling', 'True', /Progressing/);
    expect(JSON.stringify((await child('deployment', 'photos')).spec)).toContain('AWS_SECRET_ACCESS_KEY');
  });
});
