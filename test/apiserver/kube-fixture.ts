import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { startControlPlane } from '../../hack/cluster/control-plane.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import { NAMESPACE } from '../../operator/src/kube/resource-kind.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';

/** An API server without controllers, which tests may stop. */
export interface Fixture {
  host: string;
  port: number;
  kubeconfig: string;
  /** Path of the API server's audit log: one JSON object a line. */
  auditLog: string;
  /** An administrator's client, by another port of this machine if one is given. It is closed by `stop`. */
  client(port?: number): KubeClient;
  /** Ends the API server as a crash would. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Has etcd forget its history up to a revision, which is what Kubernetes calls a resource version. */
  compact(revision: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(): Promise<Fixture> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-kube-'));
  const controlPlane = await startControlPlane({ directory });
  const { kubeconfig, auditLog } = controlPlane;
  const url = new URL(controlPlane.url);
  const credentials = await kubeconfigCredentials({ path: kubeconfig });
  const clients: KubeClient[] = [];
  const fixture: Fixture = {
    host: url.hostname,
    port: Number(url.port),
    kubeconfig,
    auditLog,
    client(port = fixture.port) {
      const server = new URL(`https://${fixture.host}:${port}`);
      const client = createRestClient({
        connection: createConnection({ ...credentials, server }),
        userAgent: 'kube-test',
      });
      clients.push(client);
      return client;
    },
    stopApiServer: () => controlPlane.apiServer.kill(),
    async startApiServer() {
      controlPlane.apiServer.start();
      await controlPlane.ready();
    },
    async compact(revision) {
      const body = JSON.stringify({ revision, physical: true });
      const answer = await fetch(`${controlPlane.etcdUrl}/v3/kv/compaction`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()));
      await controlPlane.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  // The API server makes its first namespaces when it is ready already.
  const administrator = fixture.client();
  await vi.waitFor(() => administrator.get(NAMESPACE, { name: 'default' }), {
    timeout: 20_000,
    interval: 100,
  });
  return fixture;
}
