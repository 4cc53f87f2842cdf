import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { binary } from '../../hack/cluster/binaries/binary.ts';
import { S3PROXY } from '../../operator/src/api/s3proxy.ts';
import type { KubeClient } from '../../operator/src/kube/client.ts';
import { startFixture } from './kube-fixture.ts';

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
  const server = await startFixture();
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-crd-'));
  const client = server.client();
  const program = await binary('kubectl');
  const kubectl = async (...args: string[]): Promise<string> =>
    (await run(program, ['--kubeconfig', server.kubeconfig, ...args])).stdout;
  const stop = async (): Promise<void> => {
    await server.stop();
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
