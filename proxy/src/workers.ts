import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { AggregatorRegistry } from 'prom-client';
import { createApplication, type Surroundings } from './application.ts';
import { CredentialLog } from './credential-log.ts';
import { closeGracefully, drain, listen } from './listen.ts';
import { createManagementServer } from './management.ts';
import { processCount } from './process-count.ts';
import type { Settings } from './read-config.ts';
import { Readiness } from './readiness.ts';
import type { RunningProxy } from './single-process.ts';
import { createStore } from './store.ts';
import { loadTracing } from './tracing/load.ts';
import { watchBucket } from './watch-bucket.ts';

/** A worker that ends by itself is replaced after this long (milliseconds), so that one that cannot start does not spin. */
const REPLACE_AFTER_MS = 1_000;

/**
 * Runs the part of several processes that serves nothing itself: it keeps the workers going, probes the bucket and answers on the
 * management port for all of them.
 */
export async function runPrimary(settings: Settings, surroundings: Surroundings): Promise<RunningProxy> {
  const { config } = settings;
  const { log, registry, environment } = surroundings;
  const aggregator = new AggregatorRegistry();
  const readiness = new Readiness();
  const { client, transport } = createStore(config, environment, { credentials: new CredentialLog(log) });
  /** Those that take requests. */
  const listening = new Set<Worker>();
  cluster.on('listening', (worker) => listening.add(worker));
  const management = createManagementServer({
    report() {
      const report = readiness.report();
      return { ...report, ready: report.ready && listening.size > 0 };
    },
    async metrics() {
      const own = await registry.metrics();
      return { contentType: registry.contentType, text: `${own}\n${await aggregator.clusterMetrics()}` };
    },
  });
  const managementPort = await listen(management, config.MANAGEMENT_PORT);
  const probing = new AbortController();
  watchBucket(config, client, readiness, surroundings, probing.signal);

  let stopping = false;
  cluster.on('exit', async (worker, code, signal) => {
    listening.delete(worker);
    if (stopping) return;
    log.error({ pid: worker.process.pid, code, signal }, 'a worker ended; another one takes its place');
    await delay(REPLACE_AFTER_MS);
    if (!stopping) cluster.fork();
  });
  const count = processCount(config);
  for (let i = 0; i < count; i++) cluster.fork();
  log.info({ port: config.PORT, managementPort, workers: count }, 'listening');

  return {
    port: config.PORT,
    managementPort,
    async stop() {
      stopping = true;
      readiness.drain();
      log.info('draining');
      await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && endWorker(worker)));
      probing.abort();
      transport.destroy();
      await closeGracefully(management, 0);
      log.info('stopped');
    },
  };
}

/** Runs one worker until the primary asks it to stop, or is gone. */
export async function runWorker(settings: Settings, surroundings: Surroundings): Promise<void> {
  const { config } = settings;
  // From the first moment on: a message that comes while the worker starts would be lost.
  const asked = askedToStop();
  // In a worker, making one means to answer the primary's requests for metrics.
  new AggregatorRegistry();
  AggregatorRegistry.setRegistries(surroundings.registry);
  const tracing = await loadTracing(settings, surroundings.log);
  const application = createApplication(settings, { ...surroundings, tracing });
  await listen(application.server, config.PORT);
  await asked;
  await drain(
    application.server,
    config.SHUTDOWN_DELAY_SECONDS * 1000,
    config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
  );
  application.dispose();
  await tracing?.stop();
  cluster.worker?.disconnect();
}

/** Message that asks a worker to finish. */
const DRAIN = 'drain';

function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === DRAIN) resolve();
    });
    process.on('disconnect', resolve);
  });
}

async function endWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  // One that dies at this moment cannot be told any more.
  worker.send(DRAIN, () => {});
  await ended;
}
