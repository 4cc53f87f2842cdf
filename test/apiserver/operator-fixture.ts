import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import type { Supervised } from '../../hack/cluster/control-plane/supervisor.ts';
import { type ControlPlane, startControlPlane } from '../../hack/cluster/control-plane.ts';
import { untilEstablished } from '../../hack/cluster/established.ts';
import { type KubernetesObject, kubectl } from '../e2e/kubectl.ts';
import { eventually } from '../eventually.ts';
import { startOperatorProcess } from './operator-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NAMESPACE = 'default';

/** The operator, as a process of its own, on an API server without controllers. Its S3Proxy is `photos` in the namespace `default`. */
export interface OperatorFixture {
  controlPlane: ControlPlane;
  operator: Supervised;
  client: ReturnType<typeof kubectl>;
  /** The operator's metrics as Prometheus reads them. */
  metrics(): Promise<string>;
  /** A child, waited for. */
  child(kind: string, name: string): Promise<KubernetesObject>;
  /** The condition of `photos`, waited for until it has the status and a reason that matches. */
  condition(type: string, status: string, reason: RegExp): Promise<{ message: string }>;
  /** Says what a Deployment controller would once all pods are ready: there is none here. */
  rollOut(): Promise<void>;
  /** Requests of the operator that changed something, from the audit log. */
  writes(): Promise<number>;
  stop(): Promise<void>;
}

/** `photos` with the smallest spec, and what `spec` adds. */
export function photos(spec: Record<string, unknown> = {}): object {
  return {
    apiVersion: 's3proxy.dev/v1alpha1',
    kind: 'S3Proxy',
    metadata: { name: 'photos', namespace: NAMESPACE },
    spec: { bucket: { name: 'my-bucket' }, ingress: { host: 'photos.example.com' }, ...spec },
  };
}

export async function startOperatorFixture(): Promise<OperatorFixture> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-operator-'));
  const controlPlane = await startControlPlane({ directory });
  const client = kubectl(await binary('kubectl'), controlPlane.kubeconfig);
  await client.run('apply', '-f', join(ROOT, 'crds'));
  await untilEstablished(client.run, 's3proxies.s3proxy.dev');
  const operator = await startOperatorProcess({
    kubeconfig: controlPlane.kubeconfig,
    logs: directory,
    env: { PROXY_IMAGE: 'example.invalid/proxy:1', LEADER_ELECTION: 'false', PROBE_SECONDS: '0' },
  });

  async function child(kind: string, name: string): Promise<KubernetesObject> {
    const { value } = await eventually(`${kind} ${name}`, 15_000, () =>
      client.find<KubernetesObject>(kind, name, NAMESPACE),
    );
    return value;
  }

  return {
    controlPlane,
    operator,
    client,
    child,
    async metrics() {
      return (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
    },
    async condition(type, status, reason) {
      const { value } = await eventually(`${type}=${status} ${reason}`, 30_000, async () => {
        const s3proxy = await client.find('s3proxy', 'photos', NAMESPACE);
        const found = s3proxy?.status?.conditions?.find((each) => each.type === type);
        return found?.status === status && reason.test(found.reason) ? found : undefined;
      });
      return value;
    },
    async rollOut() {
      const { metadata } = await child('deployment', 'photos');
      const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
      const status = JSON.stringify({ status: { observedGeneration: metadata.generation, ...counts } });
      const target = ['deployment', 'photos', '-n', NAMESPACE, '--subresource=status'];
      await client.run('patch', ...target, '--type=merge', '-p', status);
    },
    async writes() {
      const text = await readFile(controlPlane.auditLog, 'utf8');
      return text
        .split('\n')
        .filter((line) => line.includes('"userAgent":"s3proxy-operator/'))
        .filter((line) => !/"verb":"(get|list|watch)"/.test(line)).length;
    },
    async stop() {
      await operator.stop();
      await controlPlane.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
