import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { startControlPlane } from '../../hack/cluster/control-plane.ts';
import { S3PROXY } from '../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { createConnection } from '../../operator/src/kube/connection.ts';
import { kubeconfigCredentials } from '../../operator/src/kube/kubeconfig.ts';
import { createRestClient } from '../../operator/src/kube/rest-client.ts';

const run = promisify(execFile);

/** An API server that knows S3Proxies, and no controllers. */
export interface CrdFixture {
  client: KubeClient;
  /** Standard output of kubectl; rejects with its message when it fails. */
  kubectl(...args: string[]): Promise<string>;
  /** `kubectl apply` of one object. */
  kubectlApply(object: object): Promise<string>;
  stop(): Promise<void>;
}

export async function startCrdFixture(): Promise<CrdFixture> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-crd-'));
  const controlPlane = await startControlPlane({ directory });
  const { kubeconfig } = controlPlane;
  const credentials = await kubeconfigCredentials({ path: kubeconfig });
  const client = createRestClient({ connection: createConnection(credentials), userAgent: 'crd-test' });
  const program = await binary('kubectl');
  const kubectl = async (...args: string[]): Promise<string> =>
    (await run(program, ['--kubeconfig', kubeconfig, ...args])).stdout;
  const stop = async (): Promise<void> => {
    await client.close();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await kubectl('apply', '-f', 'crds/s3proxy.dev_s3proxies.yaml');
    await vi.waitFor(() => client.list(S3PROXY), { timeout: 20_000, interval: 100 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    client,
    kubectl,
    stop,
    async kubectlApply(object) {
      const file = join(directory, 'object.json');
      await writeFile(file, JSON.stringify(object));
      return kubectl('apply', '-f', file);
    },
  };
}
