import type { KubeObject } from './objects.ts';

/** coordination.k8s.io/v1 Lease, as far as leader election uses it. Unknown fields are carried along. */
export interface Lease extends KubeObject {
  spec?: {
    /** Empty when nobody leads. */
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

/** What was last seen of a Lease, and when by our own clock: other machines' clocks are not compared with ours. */
export interface Observation {
  holder: string;
  renewTime: string;
  leaseDurationMs: number;
  /** `Clock.elapsed()` when this record was first seen. */
  seenAt: number;
}

/** The new observation after reading a Lease: the old one, if holder and renewTime did not move. */
export function observe(
  lease: Lease,
  before: Observation | undefined,
  now: number,
  defaultDurationMs: number,
): Observation {
  const { holderIdentity: holder = '', renewTime = '', leaseDurationSeconds } = lease.spec ?? {};
  if (before !== undefined && before.holder === holder && before.renewTime === renewTime) return before;
  return {
    holder,
    renewTime,
    leaseDurationMs: leaseDurationSeconds === undefined ? defaultDurationMs : leaseDurationSeconds * 1000,
    seenAt: now,
  };
}

/** Milliseconds until somebody else may take the Lease; 0 or less when it is free now. */
export function heldForMs(observation: Observation, now: number): number {
  return observation.holder === '' ? 0 : observation.seenAt + observation.leaseDurationMs - now;
}
