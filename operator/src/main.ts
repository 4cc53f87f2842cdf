import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { Agent } from 'undici';
import { type OperatorConfig, readConfig } from './config.ts';
import { createConnection } from './kube/connection.ts';
import { createController } from './kube/controller.ts';
import { createEventRecorder } from './kube/events.ts';
import { fenced } from './kube/fence.ts';
import { startHealthServer } from './kube/health.ts';
import { inClusterCredentials, isInCluster } from './kube/in-cluster.ts';
import { kubeconfigCredentials } from './kube/kubeconfig.ts';
import { type Leadership, runAsLeader } from './kube/leader-election.ts';
import { createRuntimeMetrics } from './kube/metrics.ts';
import { createRestClient } from './kube/rest-client.ts';
import { createBucketProbe } from './reconcile/bucket-probe.ts';
import { allReflectors, createCaches } from './reconcile/caches.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { watchSources } from './reconcile/sources.ts';

/** Who writes our events and holds our Lease. */
const CONTROLLER_NAME = 's3proxy.dev/operator';
const VERSION = '0.1.0';

/** Runs until SIGTERM or SIGINT; resolves with the exit code. */
async function run(config: OperatorConfig): Promise<number> {
  const logger = pino({ level: config.LOG_LEVEL, base: null });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      stop.abort();
    });
  }

  const metrics = createRuntimeMetrics();
  collectDefaultMetrics({ register: metrics.registry });
  const credentials = isInCluster(process.env)
    ? inClusterCredentials(process.env)
    : await kubeconfigCredentials();
  const connection = createConnection(credentials);
  const client = createRestClient({
    connection,
    userAgent: `s3proxy-operator/${VERSION}`,
    logger,
    metrics,
  });

  const caches = createCaches(client, config.WATCH_NAMESPACES, { logger, metrics });
  const reflectors = allReflectors(caches);
  const synced = (): string | undefined => {
    const waiting = reflectors.filter((reflector) => !reflector.hasSynced());
    return waiting.length === 0
      ? undefined
      : `waiting for the first list of ${waiting.map(({ kind }) => kind.plural).join(', ')}`;
  };
  const health = await startHealthServer({
    port: config.HEALTH_PORT,
    registry: metrics.registry,
    ready: { caches: synced },
  });
  const scrape = await startHealthServer({ port: config.METRICS_PORT, registry: metrics.registry });
  const reflecting = Promise.all(reflectors.map((reflector) => reflector.run(stop.signal)));

  async function lead(leadership: Leadership): Promise<void> {
    const writer = fenced(client, leadership.isHeld);
    const recorder = createEventRecorder({
      client: writer,
      reportingController: CONTROLLER_NAME,
      reportingInstance: config.POD_NAME,
      logger,
      metrics,
    });
    const controller = createController({
      name: 's3proxy',
      primary: caches.s3proxies,
      reconcile: createReconciler({
        client: writer,
        caches,
        recorder,
        probe:
          config.PROBE_SECONDS === 0
            ? undefined
            : createBucketProbe(new Agent({ connectTimeout: 1_000, keepAliveTimeout: 1_000 })),
        probeMs: config.PROBE_SECONDS * 1_000,
        proxyImage: config.PROXY_IMAGE,
        operatorNamespace: config.POD_NAMESPACE,
        now: () => new Date(),
      }),
      concurrency: config.CONCURRENCY,
      resyncMs: config.RESYNC_SECONDS * 1_000,
      logger,
      metrics,
    });
    watchSources(controller, caches);
    await controller.run(leadership.signal);
    await recorder.flush(2_000);
    recorder.close();
  }

  const end = config.LEADER_ELECTION
    ? await runAsLeader(
        {
          client,
          namespace: config.POD_NAMESPACE,
          name: config.LEASE_NAME,
          identity: `${config.POD_NAME}_${randomBytes(4).toString('hex')}`,
          logger,
          metrics,
        },
        lead,
        stop.signal,
      )
    : await lead({ signal: stop.signal, isHeld: () => true }).then(() => 'released' as const);

  stop.abort();
  await reflecting;
  await Promise.all([health.close(), scrape.close(), client.close()]);
  if (end === 'lost') logger.error({}, 'the Lease was lost: exiting so that no two operators write');
  return end === 'lost' ? 1 : 0;
}

try {
  process.exitCode = await run(readConfig(process.env));
} catch (error) {
  process.stderr.write(`s3proxy-operator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
