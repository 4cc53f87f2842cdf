import { STALLED_REASONS } from '../api/conditions.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { ChildChange } from './child-applier.ts';
import type { ConditionState } from './conditions.ts';

const WORDS: Readonly<Record<ChildChange['change'], { reason: string; action: string }>> = {
  created: { reason: 'Created', action: 'CreateChildren' },
  updated: { reason: 'Updated', action: 'UpdateChildren' },
  deleted: { reason: 'Deleted', action: 'DeleteChildren' },
};

/** What a run changed, one event for each way to change something. */
export function announceChanges(
  recorder: EventRecorder,
  s3proxy: KubeObject,
  changes: readonly ChildChange[],
): void {
  for (const [change, { reason, action }] of Object.entries(WORDS)) {
    const children = changes
      .filter((each) => each.change === change)
      .map(({ kind, name }) => `${kind} ${name}`);
    if (children.length === 0) continue;
    recorder.event(s3proxy, { type: 'Normal', reason, action, note: `${reason} ${children.join(', ')}.` });
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
