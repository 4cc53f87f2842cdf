import cluster from 'node:cluster';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Surroundings } from './application.ts';
import { readSettings } from './read-config.ts';
import { runSingleProcess } from './single-process.ts';
import { runPrimary, runWorker } from './workers.ts';

/** Log lines are written in blocks of this many bytes, or after `LOG_FLUSH_MS`, whichever comes first. */
const LOG_BLOCK_BYTES = 4096;
const LOG_FLUSH_MS = 200;

/**
 * Runs the proxy until SIGTERM or SIGINT.
 * @param program the program's entry file
 * @throws Error with a message for the user when it cannot start
 */
export async function run(program: URL): Promise<void> {
  const settings = readSettings(process.env);
  const destination = pino.destination({ fd: 1, sync: false, minLength: LOG_BLOCK_BYTES });
  const log = pino({ level: settings.config.LOG_LEVEL, base: {} }, destination);
  setInterval(() => destination.flush(), LOG_FLUSH_MS).unref();
  process.on('exit', () => destination.flushSync());
  const surroundings: Surroundings = { environment: process.env, log, registry: new Registry(), program };

  if (cluster.isWorker) {
    // A terminal sends its signal to all processes; the primary decides when a worker stops.
    for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => {});
    await runWorker(settings, surroundings);
    return;
  }
  const start = settings.config.WORKERS === 1 ? runSingleProcess : runPrimary;
  const proxy = await start(settings, surroundings);
  const signal = await firstSignal();
  log.info({ signal }, 'asked to stop');
  await proxy.stop();
  process.exit(0);
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
}
