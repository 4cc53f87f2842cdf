import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDemo } from '../../hack/demo/demo.ts';
import type { DemoEnvironment } from '../../hack/demo/environment-file.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    demo: DemoEnvironment;
    demoDirectory: string;
  }
}

/** One whole node with the demo on it for all end-to-end tests, in a directory of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-e2e-'));
  const demo = await startDemo({ directory });
  project.provide('demo', demo.environment);
  project.provide('demoDirectory', directory);
  return async () => {
    await demo.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
