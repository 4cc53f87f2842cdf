import { pino } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { type OperatorConfig, readConfig } from './config.ts';
import { createConnection, DEFAULT_CONNECTIONS } from './kube/connection.ts';
import { startHealthServer } from './kube/health.ts';
import { inClusterCredentials, isInCluster } from './kube/in-cluster.ts';
import { kubeconfigCredentials } from './kube/kubeconfig.ts';
import { createRuntimeMetrics } from './kube/metrics.ts';
import { createOperator } from './operator.ts';

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
  const { registry } = metrics;
  collectDefaultMetrics({ register: registry });
  const credentials = isInCluster(process.env)
    ? inClusterCredentials(process.env)
    : await kubeconfigCredentials();
  const operator = createOperator({
    config,
    connection: createConnection(credentials, {
      maxConnections: Math.max(DEFAULT_CONNECTIONS, config.CONCURRENCY),
    }),
    leaseConnection: createConnection(credentials, { maxConnections: 2 }),
    logger,
    metrics,
  });
  const health = await startHealthServer({
    port: config.HEALTH_PORT,
    registry,
    ready: { caches: operator.waitsFor },
  });
  const scrape = await startHealthServer({ port: config.METRICS_PORT, registry });

  const end = await operator.run(stop.signal);
  await Promise.all([health.close(), scrape.close()]);
  if (end === 'lost') logger.error({}, 'the Lease was lost: exiting so that no two operators write');
  return end === 'lost' ? 1 : 0;
}

try {
  process.exitCode = await run(readConfig(process.env));
} catch (error) {
  process.stderr.write(`s3proxy-operator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
