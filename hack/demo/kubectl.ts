import { binaries } from '../cluster/binaries/binary.ts';
import { command } from '../cluster/command.ts';

/** kubectl and helm against one cluster. Both reject with what the program wrote to stderr. */
export interface ClusterClient {
  kubectl(...args: string[]): Promise<string>;
  apply(...manifests: object[]): Promise<void>;
  helm(...args: string[]): Promise<string>;
}

export async function kubectl(kubeconfig: string, context?: string): Promise<ClusterClient> {
  const programs = await binaries('kubectl', 'helm');
  const kube = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--context', context])];
  const helm = ['--kubeconfig', kubeconfig, ...(context === undefined ? [] : ['--kube-context', context])];
  return {
    kubectl: (...args) => command(programs.kubectl, [...kube, ...args]),
    apply: async (...items) => {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      await command(programs.kubectl, [...kube, 'apply', '--server-side', '-f', '-'], { input: list });
    },
    helm: (...args) => command(programs.helm, [...helm, ...args]),
  };
}
