import { isDeepStrictEqual } from 'node:util';
import { appliedHash } from '../kube/apply.ts';
import type { ObjectKey } from '../kube/objects.ts';
import { type DeploymentState, deploymentState, type LiveDeployment } from './deployment-state.ts';
import { FIELD_MANAGER } from './field-manager.ts';

/** How long a Deployment's controller that acted on an edit is given to see that it was put right. Milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * How far Deployments are. One that was complete, and that the operator has put back to the very same after somebody's edit, counts as it
 * was until its controller has seen it: its pods serve as before, and the status need not flicker for that moment. As long as its controller
 * says the very same of it, it has seen neither the edit nor its end, and nothing was done to the pods.
 */
export interface Rollouts {
  /** @returns `againMs` when the answer is to be had again after that many milliseconds although nothing changed. */
  stateOf(key: ObjectKey, live: LiveDeployment): { state: DeploymentState; againMs?: number };
  forget(key: ObjectKey): void;
}

export function createRollouts(now: () => Date): Rollouts {
  const completed = new Map<
    ObjectKey,
    {
      state: DeploymentState;
      manifest: string | undefined;
      status: LiveDeployment['status'];
      unseenSince?: number;
    }
  >();
  return {
    stateOf(key, live) {
      const state = deploymentState(live);
      const manifest = appliedHash(live, { fieldManager: FIELD_MANAGER });
      if (state.complete) {
        completed.set(key, { state, manifest, status: live.status });
        return { state };
      }
      const before = completed.get(key);
      if (before === undefined) return { state };
      if (state.seen || before.manifest !== manifest || before.state.wanted !== state.wanted) {
        completed.delete(key);
        return { state };
      }
      if (isDeepStrictEqual(live.status, before.status)) return { state: before.state };
      before.unseenSince ??= now().getTime();
      const againMs = before.unseenSince + PATIENCE_MS - now().getTime();
      return againMs > 0 ? { state: before.state, againMs } : { state };
    },
    forget: (key) => void completed.delete(key),
  };
}
