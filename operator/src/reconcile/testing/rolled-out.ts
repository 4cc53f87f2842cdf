import type { LiveDeployment } from '../deployment-state.ts';

/** What the Deployment controller says of a Deployment once all its pods run the newest template. */
export function rolledOutStatus({ metadata, spec }: LiveDeployment): NonNullable<LiveDeployment['status']> {
  const replicas = spec?.replicas ?? 1;
  return {
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
}

/** Whether it has said so of the newest generation already. */
export function isRolledOut({ metadata, spec, status }: LiveDeployment): boolean {
  return (
    status?.observedGeneration === metadata.generation &&
    (status?.availableReplicas ?? 0) === (spec?.replicas ?? 1)
  );
}
