import type { KubeObject } from '../kube/objects.ts';
import { selectorText } from '../resources/labels.ts';
import { sentence } from './sentence.ts';

/** The part of a pod's spec that tells whether it asks for the password. */
export interface PodVolumes {
  volumes?: readonly { secret?: { secretName?: string } }[];
}

/** The parts of a Deployment that tell how far its rollout is (apps/v1). */
export interface LiveDeployment extends KubeObject {
  spec?: {
    replicas?: number;
    template?: { spec?: PodVolumes };
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
  /** Whether the Deployment controller has seen the newest Deployment, so that the rest is of it. */
  seen: boolean;
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

/** The same without all that is not read. */
export function keepOfDeployment({ spec, status }: LiveDeployment): Pick<LiveDeployment, 'spec' | 'status'> {
  const { replicas, template } = spec ?? {};
  const volumes = template?.spec?.volumes?.flatMap(({ secret }) =>
    secret?.secretName === undefined ? [] : [{ secret: { secretName: secret.secretName } }],
  );
  return {
    spec: { ...(replicas !== undefined && { replicas }), template: { spec: { volumes: volumes ?? [] } } },
    ...(status !== undefined && { status: keepOfStatus(status) }),
  };
}

type RolloutStatus = NonNullable<LiveDeployment['status']>;

function keepOfStatus(status: RolloutStatus): RolloutStatus {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0 } = status;
  const { readyReplicas = 0, availableReplicas = 0, conditions = [] } = status;
  const counts = { observedGeneration, replicas, updatedReplicas, readyReplicas, availableReplicas };
  const failures = conditions.filter(isFailure);
  return failures.length === 0 ? counts : { ...counts, conditions: failures };
}

/** Reads a rollout as `kubectl rollout status` does. */
export function deploymentState(deployment: LiveDeployment): DeploymentState {
  const wanted = deployment.spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0 } = deployment.status ?? {};
  const { readyReplicas = 0, availableReplicas = 0, conditions = [] } = deployment.status ?? {};
  const seen = observedGeneration >= (deployment.metadata.generation ?? 0);
  const complete =
    seen && updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= wanted;
  const failure = conditions.find(isFailure);
  const reason =
    failure === undefined
      ? progress(seen, wanted, updatedReplicas, availableReplicas)
      : sentence(failure.message ?? failure.reason ?? 'The Deployment fails');
  return {
    seen,
    wanted,
    replicas,
    ready: readyReplicas,
    complete,
    failed: !complete && failure !== undefined,
    serving: availableReplicas > 0,
    message: complete ? '' : `${reason} ${lookAtPods(deployment)}`,
  };
}

function isFailure({ type, status }: { type: string; status: string }): boolean {
  return (type === 'ReplicaFailure' && status === 'True') || (type === 'Progressing' && status === 'False');
}

function progress(seen: boolean, wanted: number, updated: number, available: number): string {
  if (!seen) return 'The Deployment controller has not seen the newest Deployment yet.';
  if (updated < wanted) return `${updated} of ${wanted} proxy pods are created from the newest template.`;
  if (available < wanted) return `${available} of ${wanted} proxy pods are available.`;
  return 'Proxy pods of an older template are still stopping.';
}

/** Where to look when pods do not get on; a sentence. */
export function lookAtPods({ metadata: { name, namespace } }: KubeObject): string {
  return `If it stays so: kubectl -n ${namespace} describe pods -l ${selectorText(name)}`;
}
