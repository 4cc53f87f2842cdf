import type { KubeObject } from '../kube/objects.ts';
import { selectorText } from '../resources/labels.ts';
import { sentence } from './sentence.ts';

/** The parts of a Deployment that tell how far its rollout is (apps/v1). */
export interface LiveDeployment extends KubeObject {
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template?: { spec?: { volumes?: readonly { secret?: { secretName?: string } }[] } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

export interface DeploymentState {
  /** Pods wanted. */
  wanted: number;
  replicas: number;
  ready: number;
  /** Whether every wanted pod runs the newest template and is available, and no older one is left. */
  complete: boolean;
  /** Whether the Deployment controller gave up or is refused its pods (ReplicaFailure, ProgressDeadlineExceeded). */
  failed: boolean;
  /** Whether at least one pod serves, of whatever template. */
  serving: boolean;
  /** What the rollout waits for, or why it fails, and where to look. Empty when complete. */
  message: string;
}

/** Reads a rollout as `kubectl rollout status` does. */
export function deploymentState(deployment: LiveDeployment): DeploymentState {
  const wanted = deployment.spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0 } = deployment.status ?? {};
  const { readyReplicas = 0, availableReplicas = 0, conditions = [] } = deployment.status ?? {};
  const seen = observedGeneration >= (deployment.metadata.generation ?? 0);
  const complete =
    seen && updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= wanted;
  const failure = conditions.find(
    ({ type, status }) =>
      (type === 'ReplicaFailure' && status === 'True') || (type === 'Progressing' && status === 'False'),
  );
  const reason =
    failure === undefined
      ? progress(seen, wanted, updatedReplicas, availableReplicas)
      : sentence(failure.message ?? failure.reason ?? 'The Deployment fails');
  return {
    wanted,
    replicas,
    ready: readyReplicas,
    complete,
    failed: !complete && failure !== undefined,
    serving: availableReplicas > 0,
    message: complete ? '' : `${reason} ${lookAtPods(deployment)}`,
  };
}

function progress(seen: boolean, wanted: number, updated: number, available: number): string {
  if (!seen) return 'The Deployment controller has not seen the newest Deployment yet.';
  if (updated < wanted) return `${updated} of ${wanted} proxy pods are created from the newest template.`;
  if (available < wanted) return `${available} of ${wanted} proxy pods are available.`;
  return 'Proxy pods of an older template are still stopping.';
}

function lookAtPods({ metadata: { name, namespace } }: LiveDeployment): string {
  return `If it stays so: kubectl -n ${namespace} describe pods -l ${selectorText(name)}`;
}
