import { STALLED_REASONS } from '../api/conditions.ts';
import type { Secret } from '../resources/secret.ts';
import type { ChildApplier } from './child-applier.ts';
import type { Obstacle } from './summarise.ts';

/** What a step of a run works with. */
export interface Step {
  applier: ChildApplier;
  /** A Secret of ours with its data; undefined when there is none, or its name is taken by somebody else. */
  readOwn: (name: string) => Promise<Secret | undefined>;
  /** A Secret that the spec names. */
  readReferenced: (name: string) => Promise<Secret | undefined>;
  now: () => Date;
}

export function missingSecret(name: string, field: string): Obstacle {
  return {
    reason: STALLED_REASONS.secretNotFound,
    message: `Secret ${name}, which ${field} names, does not exist in this namespace: create it.`,
  };
}
