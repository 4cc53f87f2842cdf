import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { KubeObject, ObjectKey } from './objects.ts';
import type { Change, Reflector } from './reflector.ts';

/** Thrown by reconcile when only a change of an object can help: no retry, the key waits for its next event or resync. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ReconcileResult {
  /** Run again after this long even if nothing changes. Absent: only on change or resync. */
  requeueAfterMs?: number | undefined;
}

/** Makes the world match the object named by `key`. `signal` aborts when the grace period at shutdown is over. */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that returns nothing is the usual case
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult | void>;

export interface ControllerOptions {
  /** Value of the metrics' `controller` label. */
  name: string;
  reconcile: Reconcile;
  /** Reconciles at a time, each of another key. Default 8. */
  concurrency?: number | undefined;
  /** Every key seen is reconciled again about this often (± 10 %). Default 10 hours, 0 switches it off. */
  resyncMs?: number | undefined;
  /** How long running reconciles may go on after stop. Default 20 s. */
  gracePeriodMs?: number | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
}

export interface Controller {
  /** Feeds the queue: `map` says which keys a change concerns. The primary source's keys are the ones resynced. */
  watch<T extends KubeObject>(
    reflector: Reflector<T>,
    map: (object: T, change: Change<T>) => Iterable<ObjectKey>,
  ): void;
  enqueue(key: ObjectKey): void;
  /** Waits for all watched reflectors to sync, then works until `signal` aborts. Resolves when the last reconcile ended. */
  run(signal: AbortSignal): Promise<void>;
}

export declare function createController(options: ControllerOptions): Controller;
