/** What races. The store itself, by presigned URL, is the limit that no proxy can pass. */
export const SYSTEMS = [
  'store',
  'ours',
  'ours-cached',
  'rclone',
  'npm-s3proxy',
  'nginx',
  'nginx-cache',
] as const;

/** Further systems that race on request, outside the bars: both sign their requests, as ours does. */
export const EXTRA_SYSTEMS = ['nginx-signing', 'envoy'] as const;

export type SystemName = (typeof SYSTEMS)[number] | (typeof EXTRA_SYSTEMS)[number];

/** One combination of object and concurrency. */
export interface Cell {
  /** Size of the object's body. */
  objectBytes: number;
  /** Connections that each send one request after the other. */
  connections: number;
}

/** One row of `bench/results/proxy.json`: a system in a cell, over all rounds. */
export interface Figure extends Cell {
  system: SystemName;
  requestsPerSecond: number;
  /** Body bytes only. */
  bytesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time, user and kernel, of the system's own processes. */
  cpuSecondsPerRequest: number;
  /** Largest sum of resident memory over the system's processes. */
  peakRssBytes: number;
  /** Requests that failed, were refused or brought a short body. */
  errors: number;
}

/** What one round measured. */
export interface Sample {
  seconds: number;
  /** Requests answered. For large objects a fraction: the bytes that came, in objects. */
  requests: number;
  p50Ms: number;
  p99Ms: number;
  cpuSeconds: number;
  /** Processor time that the store spent in the same round. */
  storeCpuSeconds: number;
  peakRssBytes: number;
  errors: number;
}

/** A size as people write it: `1 KiB`, `64 MiB`. */
export function formatSize(bytes: number): string {
  const mebi = 1024 * 1024;
  return bytes >= mebi ? `${bytes / mebi} MiB` : `${bytes / 1024} KiB`;
}
