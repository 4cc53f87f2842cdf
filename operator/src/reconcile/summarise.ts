import type { BucketReport } from '@s3proxy/proxy/report';
import {
  BUCKET_REASONS,
  CONDITION_TYPES,
  READY_REASONS,
  RECONCILING_REASONS,
  type ReconcilingReason,
  STALLED_REASONS,
  type StalledReason,
} from '../api/conditions.ts';
import type { ConditionState } from './conditions.ts';
import type { DeploymentState } from './deployment-state.ts';

/** Something that only a person can mend. `message` says what, where and what to do. */
export interface Obstacle {
  reason: StalledReason;
  message: string;
}

/** What a run found and did: facts alone, of which `summarise` makes conditions. */
export interface Findings {
  /** The most important first. */
  obstacles: readonly Obstacle[];
  /** Undefined while there is no Deployment of ours. */
  deployment: DeploymentState | undefined;
  /** Undefined while no proxy answered. */
  bucket: BucketReport | undefined;
  /** What somebody else is about to do, such as issuing a certificate; a sentence. */
  pending?: string | undefined;
  /** Milliseconds after which what is pending may be over; undefined where an event will tell. */
  againMs?: number | undefined;
}

/** BucketReachable while nobody knows. */
export const BUCKET_NOT_REPORTED: ConditionState = {
  type: CONDITION_TYPES.bucketReachable,
  status: 'Unknown',
  reason: BUCKET_REASONS.notReported,
  message:
    'No proxy pod has told the operator yet whether it reaches the bucket. If pods are ready and this stays, see whether the operator may connect to their port 9090.',
};

/**
 * The conditions that the findings amount to. Reconciling and Stalled are abnormal when true, and so present only then
 * (kstatus); of Ready, Reconciling and Stalled, one at least is always there.
 */
export function summarise(findings: Findings): ConditionState[] {
  // What pods said that are gone.
  const bucket = findings.deployment?.wanted === 0 ? undefined : findings.bucket;
  const [verdict, ...others] = verdicts({ ...findings, bucket });
  const ready: ConditionState = verdict ?? asWanted(findings.deployment);
  return [
    ready,
    ...others,
    bucket === undefined
      ? BUCKET_NOT_REPORTED
      : {
          type: CONDITION_TYPES.bucketReachable,
          status: bucket.reachable,
          reason: bucket.reason,
          message: bucket.message,
        },
  ];
}

function asWanted(deployment: DeploymentState | undefined): ConditionState {
  const ready = { type: CONDITION_TYPES.ready, status: 'True' } as const;
  return deployment?.wanted === 0
    ? {
        ...ready,
        reason: READY_REASONS.scaledToZero,
        message:
          'No pod is wanted, and so nothing is published. Set spec.replicas to 1 or more to publish it.',
      }
    : { ...ready, reason: READY_REASONS.available, message: 'The bucket is published.' };
}

/** Ready=False and the condition that tells whether waiting helps; empty when all is well. */
function verdicts({ obstacles, deployment, pending, bucket }: Findings): ConditionState[] {
  const [first] = obstacles;
  if (first !== undefined) {
    return stalled(first.reason, obstacles.map(({ message }) => message).join(' '));
  }
  if (bucket?.reachable === 'False') {
    return reconciling(RECONCILING_REASONS.bucketUnreachable, bucket.message);
  }
  if (deployment?.failed === true) {
    return stalled(STALLED_REASONS.deploymentFailed, deployment.message);
  }
  if (deployment === undefined || !deployment.complete) {
    const message = deployment?.message ?? 'The Deployment is being created.';
    return reconciling(RECONCILING_REASONS.progressing, message);
  }
  if (pending !== undefined) {
    return reconciling(RECONCILING_REASONS.progressing, pending);
  }
  return [];
}

/** Ready=False because somebody has to act. */
export function stalled(reason: StalledReason, message: string): ConditionState[] {
  return notReady(CONDITION_TYPES.stalled, reason, message);
}

/** Ready=False, and waiting helps. */
export function reconciling(reason: ReconcilingReason, message: string): ConditionState[] {
  return notReady(CONDITION_TYPES.reconciling, reason, message);
}

function notReady(because: string, reason: string, message: string): ConditionState[] {
  return [
    { type: CONDITION_TYPES.ready, status: 'False', reason, message },
    { type: because, status: 'True', reason, message },
  ];
}
