import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import { start, untilReady } from '../../race/running.ts';
import { imageEnvironment, nodeOptions } from '../../race/systems/ours.ts';
import type { Contender } from '../contender.ts';
import { PROXY_IMAGE } from '../s3proxies.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

/**
 * This project's operator as its image runs it. Alone, so without a Lease to renew; there are no proxies that it could ask.
 * @param bundle path of the operator's bundle
 * @param profile folder for processor profiles
 */
export function ours(bundle: string, profile: string | undefined): Contender {
  return {
    name: 'ours',
    async start({ kubeconfig, logs, processors, concurrency }) {
      const [METRICS_PORT, HEALTH_PORT] = await freePorts(2);
      const dockerfile = await readFile(join(REPOSITORY, 'Dockerfile.operator'), 'utf8');
      const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
      const running = start(process.execPath, [...nodeOptions(dockerfile), ...profiling, bundle], {
        name: 'ours',
        logs,
        processors,
        env: {
          PATH: process.env.PATH,
          ...imageEnvironment(dockerfile),
          KUBECONFIG: kubeconfig,
          PROXY_IMAGE,
          CONCURRENCY: String(concurrency),
          LEADER_ELECTION: 'false',
          PROBE_SECONDS: '0',
          LOG_LEVEL: 'warn',
          METRICS_PORT: String(METRICS_PORT),
          HEALTH_PORT: String(HEALTH_PORT),
        },
      });
      await untilReady(running, 'the operator', async () => {
        const { ok } = await fetch(`http://127.0.0.1:${HEALTH_PORT}/readyz`);
        return ok;
      });
      return { running };
    },
  };
}
