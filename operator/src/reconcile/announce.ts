import { STALLED_REASONS } from '../api/conditions.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { ChildChange } from './child-applier.ts';
import type { ConditionState } from './conditions.ts';

const WORDS = { created: 'Created', updated: 'Updated', deleted: 'Deleted' } as const;

/** One event for each change made to a child. */
export function announceChanges(
  recorder: EventRecorder,
  s3proxy: KubeObject,
  changes: readonly ChildChange[],
): void {
  for (const { kind, name, change } of changes) {
    const word = WORDS[change];
    recorder.event(s3proxy, {
      type: 'Normal',
      reason: word,
      action: `${word.replace(/d$/, '')}${kind}`,
      note: `${word} ${kind} ${name}.`,
    });
  }
}

/** One event when Ready changes, or gives another reason: the story of an S3Proxy in `kubectl describe`. */
export function announceReadiness(
  recorder: EventRecorder,
  s3proxy: KubeObject,
  before: ConditionState | undefined,
  now: ConditionState,
): void {
  if (before?.status === now.status && before?.reason === now.reason && before?.message === now.message)
    return;
  // Progress is told by the children's events already, and would come in many steps.
  if (now.reason === 'Progressing') return;
  recorder.event(s3proxy, {
    type: now.status === 'True' || now.reason === STALLED_REASONS.suspended ? 'Normal' : 'Warning',
    reason: now.reason,
    action: 'Reconcile',
    note: now.message,
  });
}
