import { resolve } from 'node:path';
import { freePorts } from '../../hack/cluster/control-plane/free-port.ts';
import { type Supervised, supervise } from '../../hack/cluster/control-plane/supervisor.ts';

const MAIN = resolve(import.meta.dirname, '../../operator/src/main.ts');

/** The operator as a process of its own. */
export interface OperatorProcess extends Supervised {
  metricsPort: number;
}

export interface OperatorProcessOptions {
  /** Path of the file by which it finds the API server, and as whom. */
  kubeconfig: string;
  /** Of its log in `logs`, where there are several. Default `operator`. */
  name?: string;
  /** Directory that takes its log, `operator.log`. */
  logs: string;
  /** What it is told (operator/src/config.ts), the ports excepted. */
  env: Record<string, string>;
}

/** Starts the operator, which is not started again when it ends. Its ports are free ones. */
export async function startOperatorProcess({
  kubeconfig,
  name = 'operator',
  logs,
  env,
}: OperatorProcessOptions): Promise<OperatorProcess> {
  const [metricsPort = 0, healthPort = 0] = await freePorts(2);
  const operator = supervise(name, process.execPath, [MAIN], {
    logs,
    restart: false,
    env: {
      PATH: process.env.PATH,
      ...env,
      KUBECONFIG: kubeconfig,
      METRICS_PORT: String(metricsPort),
      HEALTH_PORT: String(healthPort),
    },
  });
  return Object.assign(operator, { metricsPort });
}
