import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startCluster, stopCluster } from '../../hack/cluster/cluster.ts';
import { startDemo, stopDemo } from '../../hack/demo/demo.ts';
import type { DemoEnvironment } from '../../hack/demo/environment-file.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    demo: DemoEnvironment;
    demoDirectory: string;
    /** A POST to it cuts the node's power and switches it on again. */
    rebootUrl: string;
  }
}

/**
 * One whole node with the demo on it for all end-to-end tests, in a directory of its own. It belongs to this process, which
 * outlives every test file; so a test that wants a reboot asks for it here.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-e2e-'));
  const { environment } = await startDemo({ directory }).catch(async (error) => {
    await stopDemo(directory);
    throw error;
  });
  const cluster = join(directory, 'cluster');
  const server = createServer((_, response) => {
    stopCluster(cluster)
      .then(() => startCluster({ directory: cluster }))
      .then(
        () => response.writeHead(204).end(),
        (error) => response.writeHead(500).end(String(error)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('demo', environment);
  project.provide('demoDirectory', directory);
  project.provide('rebootUrl', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return async () => {
    server.close();
    await stopDemo(directory);
  };
}
