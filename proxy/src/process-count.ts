import { availableParallelism } from 'node:os';
import type { ProxyConfig } from './config.ts';

/** Processes that serve. */
export function processCount({ WORKERS }: Pick<ProxyConfig, 'WORKERS'>): number {
  return WORKERS === 0 ? availableParallelism() : WORKERS;
}
