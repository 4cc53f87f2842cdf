import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../../hack/cluster/binaries/binary.ts';
import { startControlPlane } from '../../hack/cluster/control-plane.ts';
import { CHART, helm } from './helm.ts';

/** An API server to install the chart on, as release `s3proxy-operator` in the namespace `operators`. No node runs anything. */
export interface ChartCluster {
  /** For files that a test needs; removed with the cluster. */
  directory: string;
  kubeconfig: string;
  /** Path of the API server's audit log. */
  auditLog: string;
  kubectl(...args: string[]): Promise<string>;
  /** Installs or upgrades the release with these values (`--set` syntax) and no others. */
  install(values?: readonly string[], chart?: string): Promise<string>;
  uninstall(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Brings it up, with a namespace that admits only pods of the Restricted Pod Security Standard. `admissionPlugins` are those of the API
 * server beside its usual ones.
 */
export async function startChartCluster(
  options: { admissionPlugins?: readonly string[] } = {},
): Promise<ChartCluster> {
  const { kubectl: program } = await binaries('helm', 'kubectl');
  const directory = await mkdtemp(join(tmpdir(), 's3proxy-chart-'));
  const controlPlane = await startControlPlane({ ...options, directory: join(directory, 'cluster') });
  const { kubeconfig } = controlPlane;
  const release = ['s3proxy-operator', '--kubeconfig', kubeconfig, '--namespace', 'operators'];
  const kubectl = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(program, ['--kubeconfig', kubeconfig, ...args])).stdout;
  const cluster: ChartCluster = {
    directory,
    kubeconfig,
    auditLog: controlPlane.auditLog,
    kubectl,
    install(values = [], chart = CHART) {
      const settings = values.flatMap((value) => ['--set', value]);
      const [name = '', ...target] = release;
      return helm('upgrade', '--install', name, chart, '--reset-values', ...target, ...settings);
    },
    uninstall: () => helm('uninstall', ...release),
    async stop() {
      await controlPlane.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await kubectl('create', 'namespace', 'operators');
    await kubectl('label', 'namespace', 'operators', 'pod-security.kubernetes.io/enforce=restricted');
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
