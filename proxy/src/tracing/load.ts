import type { Logger } from 'pino';
import type { Settings } from '../read-config.ts';
import type { Tracing } from './tracing.ts';

/** Starts to trace if traces are wanted. The SDK is not even read otherwise: it would cost every proxy some megabytes. */
export async function loadTracing({ tracing }: Settings, log: Logger): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { startTracing } = await import('./opentelemetry.ts');
  return startTracing(tracing, log);
}
