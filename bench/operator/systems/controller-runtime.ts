import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../../hack/cluster/binaries/cache-directory.ts';
import { GO_ENVIRONMENT, goToolchain } from '../../../hack/cluster/binaries/go-toolchain.ts';
import { withLock } from '../../../hack/cluster/binaries/lock.ts';
import { command } from '../../../hack/cluster/command.ts';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import { step } from '../../../hack/cluster/progress.ts';
import { start, untilReady } from '../../race/running.ts';
import type { Contender } from '../contender.ts';
import { PROXY_IMAGE } from '../s3proxies.ts';

const SOURCES = join(import.meta.dirname, '..', '..', 'peers', 'controller-runtime');

/** The same operator as it would be written in Go with controller-runtime. */
export function controllerRuntime(program: string): Contender {
  return {
    name: 'controller-runtime',
    async start({ kubeconfig, logs, processors, concurrency }) {
      const [metrics, health] = await freePorts(2);
      const running = start(
        program,
        [
          `--kubeconfig=${kubeconfig}`,
          `--image=${PROXY_IMAGE}`,
          `--concurrency=${concurrency}`,
          `--metrics-bind-address=127.0.0.1:${metrics}`,
          `--health-probe-bind-address=127.0.0.1:${health}`,
        ],
        { name: 'controller-runtime', logs, processors },
      );
      await untilReady(running, 'the operator in Go', async () => {
        const { ok } = await fetch(`http://127.0.0.1:${health}/readyz`);
        return ok;
      });
      return { running };
    },
  };
}

/**
 * Path of the program, built unless one of the same sources is there.
 * @throws Error with the end of what Go wrote
 */
export async function buildControllerRuntime(): Promise<string> {
  const path = cacheDirectory('bin', `bench-controller-runtime-${await hashOf(SOURCES)}`);
  if (await exists(path)) return path;
  return withLock(`${path}.lock`, async () => {
    if (await exists(path)) return path;
    await mkdir(dirname(path), { recursive: true });
    const go = await goToolchain();
    const draft = `${path}.${process.pid}`;
    const options = { cwd: SOURCES, env: { ...process.env, ...GO_ENVIRONMENT } };
    try {
      await step('building the operator in Go (minutes when its cache is cold)', () =>
        command(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', draft, '.'], options),
      );
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  });
}

async function hashOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory)).sort()) {
    hash.update(name).update(await readFile(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
