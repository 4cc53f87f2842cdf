import type { KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

export interface LeaderElectionOptions {
  client: KubeClient;
  /** Of the Lease. */
  namespace: string;
  name: string;
  /** Unique to this process, such as the pod's name and a random suffix. */
  identity: string;
  /** Default 15,000: others may take over this long after the last renewal they saw. */
  leaseDurationMs?: number | undefined;
  /** Default 10,000: leadership is given up when no renewal succeeded for this long. */
  renewDeadlineMs?: number | undefined;
  /** Default 2,000: between attempts. */
  retryPeriodMs?: number | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
  logger?: Logger | undefined;
}

/** `released`: stopped on request, after `lead` ended and the Lease was given back. `lost`: exit the process. */
export type LeadershipEnd = 'released' | 'lost';

/**
 * Waits for the Lease, then calls `lead` with a signal that aborts when `stop` aborts or leadership is lost. On stop the Lease
 * is renewed until `lead` settles and then released.
 */
export declare function runAsLeader(
  options: LeaderElectionOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  stop: AbortSignal,
): Promise<LeadershipEnd>;
