import { CONDITION_TYPES, READY_REASONS, STALLED_REASONS } from '../api/conditions.ts';
import type { S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import { type ConditionState, dateConditions } from './conditions.ts';
import { BUCKET_NOT_REPORTED, stalled } from './summarise.ts';

/**
 * The status after a run that did not look at everything, or at nothing: Ready, Reconciling and Stalled are as `states` say, and the rest
 * stands as it stood. What the proxies saw of the bucket does not change by what the operator cannot do.
 */
export function standingStatus(
  { metadata, status }: S3Proxy,
  states: readonly ConditionState[],
  now: Date,
): S3ProxyStatus {
  const { generation } = metadata;
  const before = status?.conditions ?? [];
  const bucket = before.find(({ type }) => type === CONDITION_TYPES.bucketReachable);
  return {
    ...status,
    observedGeneration: generation,
    conditions: [
      ...dateConditions(states, before, generation, now),
      ...(bucket === undefined ? dateConditions([BUCKET_NOT_REPORTED], [], generation, now) : [bucket]),
    ],
  };
}

/**
 * Ready, and Stalled if need be, of a suspended S3Proxy. Who was ready stays so: it is served as before, and nobody waits for more. Who
 * was not will not be by itself, which is what Stalled says.
 */
export function suspended({ status }: S3Proxy): ConditionState[] {
  const { ready } = CONDITION_TYPES;
  const wasReady = status?.conditions?.some((each) => each.type === ready && each.status === 'True') === true;
  if (wasReady) {
    const message =
      'Suspended while it was ready: all is left as it is, whatever else changes. Set spec.suspend to false to go on.';
    return [{ type: ready, status: 'True', reason: READY_REASONS.suspended, message }];
  }
  return stalled(
    STALLED_REASONS.suspended,
    'Suspended before it was ready: all is left as it is, and what is missing is not made. Set spec.suspend to false to go on.',
  );
}
