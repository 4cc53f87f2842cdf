import { setTimeout as delay } from 'node:timers/promises';
import type { BucketReport, ReadinessReport } from './report.ts';

const HEALTHY_INTERVAL_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;

/**
 * Knows whether this proxy should get traffic, and what it last saw of its bucket. It becomes ready with the first probe that does not
 * fail, and then stays ready while the store has trouble: taking every replica out would turn errors into silence.
 */
export class Readiness {
  #bucket: BucketReport = {
    reachable: 'Unknown',
    reason: 'NotProbedYet',
    message: 'The bucket is being asked.',
  };
  #reachedOnce = false;
  #draining = false;

  report(): ReadinessReport {
    return { ready: this.#reachedOnce && !this.#draining, bucket: this.#bucket };
  }

  /** Takes the result of a probe. */
  record(bucket: BucketReport): void {
    this.#bucket = bucket;
    if (bucket.reachable !== 'False') this.#reachedOnce = true;
  }

  /** The process is about to end: no new traffic. */
  drain(): void {
    this.#draining = true;
  }
}

/** Milliseconds until the next probe: 30 s while all is well, else 1 s doubling to 15 s; a fifth of it is jitter. */
export function nextProbeDelay(failuresInARow: number, random: number): number {
  const base =
    failuresInARow === 0
      ? HEALTHY_INTERVAL_MS
      : Math.min(FIRST_RETRY_MS * 2 ** (failuresInARow - 1), LONGEST_RETRY_MS);
  return Math.round(base * (0.9 + 0.2 * random));
}

/** Probes for ever, until the signal. */
export async function keepProbing(
  probe: () => Promise<BucketReport>,
  record: (report: BucketReport) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const report = await probe();
    record(report);
    failures = report.reachable === 'False' ? failures + 1 : 0;
    await delay(nextProbeDelay(failures, Math.random()), undefined, { signal, ref: false }).catch(() => {});
  }
}
