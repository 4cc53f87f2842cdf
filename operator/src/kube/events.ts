import type { KubeObject } from './objects.ts';

export interface EventDetails {
  type: 'Normal' | 'Warning';
  /** Why, in CamelCase, such as `SecretMissing`. */
  reason: string;
  /** What was done or tried, in CamelCase, such as `CreateDeployment`. */
  action: string;
  /** For people; cut at 1 kB. Nothing secret. */
  note: string;
  related?: KubeObject | undefined;
}

/** Tells users about an object by events.k8s.io/v1. Never throws and never blocks: events are best effort. */
export interface EventRecorder {
  event(regarding: KubeObject, details: EventDetails): void;
  /** Resolves when all events given so far are written or given up, at the latest after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
}
