import type { Condition } from '../kube/objects.ts';

/** A condition before it is dated. */
export type ConditionState = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Longest message the API server takes (metav1.Condition). */
const LONGEST_MESSAGE = 32_768;

/**
 * The conditions as they are to be written: `lastTransitionTime` moves only when `status` does, so that a status which
 * says the same is the same (Kubernetes API conventions, "Typical status properties"). Conditions of other types that
 * stand in `before` are dropped: the operator is the only writer.
 */
export function dateConditions(
  states: readonly ConditionState[],
  before: readonly Condition[],
  observedGeneration: number | undefined,
  now: Date,
): Condition[] {
  return states.map((state) => {
    const last = before.find(({ type }) => type === state.type);
    return {
      ...state,
      message: state.message.slice(0, LONGEST_MESSAGE),
      observedGeneration,
      lastTransitionTime:
        last?.status === state.status ? last.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`,
    };
  });
}
