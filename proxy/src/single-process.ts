import type { Registry } from 'prom-client';
import { createApplication, type Surroundings } from './application.ts';
import { closeGracefully, drain, listen } from './listen.ts';
import { createManagementServer } from './management.ts';
import type { Settings } from './read-config.ts';
import { Readiness } from './readiness.ts';
import { loadTracing } from './tracing/load.ts';
import { watchBucket } from './watch-bucket.ts';

/** A proxy that is up. */
export interface RunningProxy {
  port: number;
  managementPort: number;
  /** Takes itself out of service, finishes what is under way and resolves. */
  stop(): Promise<void>;
}

/**
 * Runs the whole proxy in this process.
 * @throws Error when a port or a file cannot be had
 */
export async function runSingleProcess(
  settings: Settings,
  surroundings: Surroundings,
): Promise<RunningProxy> {
  const { config } = settings;
  const { log, registry } = surroundings;
  const tracing = await loadTracing(settings, log);
  const application = createApplication(settings, { ...surroundings, tracing });
  const readiness = new Readiness();
  const management = createManagementServer({
    report: () => readiness.report(),
    metrics: () => render(registry),
  });
  const port = await listen(application.server, config.PORT);
  const managementPort = await listen(management, config.MANAGEMENT_PORT);
  log.info({ port, managementPort }, 'listening');
  const probing = new AbortController();
  watchBucket(config, application.client, readiness, surroundings, probing.signal);

  return {
    port,
    managementPort,
    async stop() {
      readiness.drain();
      log.info('draining');
      await drain(
        application.server,
        config.SHUTDOWN_DELAY_SECONDS * 1000,
        config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
      );
      probing.abort();
      application.dispose();
      await tracing?.stop();
      await closeGracefully(management, 0);
      log.info('stopped');
    },
  };
}

async function render(registry: Registry): Promise<{ contentType: string; text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}
