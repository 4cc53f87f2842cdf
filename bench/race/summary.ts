import type { Cell, Figure, Sample, SystemName } from './figures.ts';
import { median, significant, sum } from './statistics.ts';

/**
 * Sums up a system's rounds in a cell: medians of what a noisy neighbour disturbs, totals of what adds up, the largest of the peaks.
 * @throws RangeError without samples
 */
export function summarize(system: SystemName, cell: Cell, samples: readonly Sample[]): Figure {
  const requestsPerSecond = median(samples.map(({ requests, seconds }) => requests / seconds));
  return {
    system,
    ...cell,
    requestsPerSecond: significant(requestsPerSecond, 4),
    bytesPerSecond: Math.round(requestsPerSecond * cell.objectBytes),
    p50Ms: significant(median(samples.map(({ p50Ms }) => p50Ms)), 4),
    p99Ms: significant(median(samples.map(({ p99Ms }) => p99Ms)), 4),
    cpuSecondsPerRequest: significant(
      perRequest(samples, ({ cpuSeconds }) => cpuSeconds),
      4,
    ),
    peakRssBytes: Math.max(...samples.map(({ peakRssBytes }) => peakRssBytes)),
    errors: sum(samples.map(({ errors }) => errors)),
  };
}

/** Processor time in seconds that the store spent on each of the system's requests. */
export function storeCpuPerRequest(samples: readonly Sample[]): number {
  return perRequest(samples, ({ storeCpuSeconds }) => storeCpuSeconds);
}

/** A system without a single request in a cell is charged as if it had had one. */
function perRequest(samples: readonly Sample[], cost: (sample: Sample) => number): number {
  return sum(samples.map(cost)) / Math.max(1, sum(samples.map(({ requests }) => requests)));
}
