import type { SystemName } from './figures.ts';
import type { Running } from './running.ts';
import type { Store, StoredObject } from './store.ts';

/** What a contender gets to be started with. */
export interface Surroundings {
  store: Store;
  /** An empty directory of its own. */
  directory: string;
  logs: string;
  /** Processors to run on, as taskset(1) takes them, and how many they are. */
  processors: string;
  processorCount: number;
}

/** A system in the race. */
export interface Contender {
  name: SystemName;
  /** Whether objects of this size are answered without asking the store. */
  caches(objectBytes: number): boolean;
  /** Why it is started anew before each round, where it must be. */
  restart?: string;
  start(surroundings: Surroundings): Promise<Started>;
}

export interface Started {
  running: Running;
  urlOf(object: StoredObject): string;
  /** URL of Prometheus metrics that count its calls to the store. */
  metricsUrl?: string;
}
