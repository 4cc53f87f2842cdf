import type { Running } from '../race/running.ts';
import type { SystemName } from './figures.ts';

/** What a system gets to be started with. */
export interface Surroundings {
  /** Of an account that may do everything; its requests are counted. */
  kubeconfig: string;
  logs: string;
  /** Processors to run on, as taskset(1) takes them. */
  processors: string;
  /** S3Proxies worked on at a time. */
  concurrency: number;
}

/** Something that makes true what S3Proxies ask for. */
export interface Contender {
  name: SystemName;
  start(surroundings: Surroundings): Promise<Started>;
}

export interface Started {
  running: Running;
  /** Tells what happened to a system that does not watch by itself. */
  tell?: ((news: News) => void) | undefined;
}

/** An S3Proxy was created, or its Deployment was edited. */
export interface News {
  what: 'created' | 'edited';
  namespace: string;
  name: string;
  uid: string;
}
