/** What is measured. The limit is a bare loop of the writes that the work needs, without any thought. */
export const SYSTEMS = ['limit', 'ours', 'controller-runtime'] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** All S3Proxies created at once; nothing to do; every Deployment edited by somebody else. */
export const PHASES = ['create', 'rest', 'drift'] as const;
export type Phase = (typeof PHASES)[number];

/** One row of `bench/results/operator.json`. */
export interface Figure {
  system: SystemName;
  /** S3Proxies in the phase. */
  objects: number;
  phase: Phase;
  /** Until everything is as it should be; of `rest`, how long it was watched. */
  seconds: number;
  /** Requests that change something, events among them, as the API server counted them. */
  apiWrites: number;
  /** Gets, lists and watches. */
  apiReads: number;
  /** Processor time of the system's process, in seconds. */
  cpuSeconds: number;
  peakRssBytes: number;
}
