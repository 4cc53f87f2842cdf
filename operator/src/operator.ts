import { randomBytes } from 'node:crypto';
import { Agent } from 'undici';
import type { OperatorConfig } from './config.ts';
import type { KubeClient } from './kube/client.ts';
import type { Connection } from './kube/connection.ts';
import { type Controller, createController } from './kube/controller.ts';
import { createEventRecorder } from './kube/events.ts';
import { fenced } from './kube/fence.ts';
import { type Leadership, type LeadershipEnd, runAsLeader } from './kube/leader-election.ts';
import type { Logger } from './kube/logger.ts';
import type { RuntimeMetrics } from './kube/metrics.ts';
import { createRestClient } from './kube/rest-client.ts';
import { createBucketProbe } from './reconcile/bucket-probe.ts';
import { allReflectors, createCaches } from './reconcile/caches.ts';
import { createEvictionReconciler } from './reconcile/kubelet-evictions.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { registerBuildInfo, registerS3ProxyMetrics } from './reconcile/s3proxy-metrics.ts';
import { watchSources } from './reconcile/sources.ts';

/** Who writes our events and holds our Lease. */
const CONTROLLER_NAME = 's3proxy.dev/operator';
const VERSION = '0.1.0';

export interface OperatorOptions {
  config: OperatorConfig;
  /** The way to the API server; closed when the operator has ended. */
  connection: Connection;
  /** The Lease's own way there: a renewal must not wait behind slow writes. Closed likewise. */
  leaseConnection: Connection;
  logger: Logger;
  metrics: RuntimeMetrics;
}

/** The operator without the process around it: no signals, no ports. */
export interface Operator {
  /** What the caches still wait for; undefined when they are filled. */
  waitsFor(): string | undefined;
  /**
   * Works until `stop` aborts, then finishes what is under way and gives the Lease back. Call once.
   * @returns `lost` when another operator may be writing by now: the process must end
   */
  run(stop: AbortSignal): Promise<LeadershipEnd>;
}

/** Wires the operator's parts together. Nothing is asked of the API server before `run`. */
export function createOperator({
  config,
  connection,
  leaseConnection,
  logger,
  metrics,
}: OperatorOptions): Operator {
  const clientOver = (way: Connection): KubeClient =>
    createRestClient({ connection: way, userAgent: `s3proxy-operator/${VERSION}`, logger, metrics });
  const client = clientOver(connection);
  const leaseClient = clientOver(leaseConnection);
  const caches = createCaches(client, config.WATCH_NAMESPACES, { logger, metrics });
  registerBuildInfo(metrics.registry, VERSION);
  registerS3ProxyMetrics(metrics, caches.s3proxies.store);
  const reflectors = allReflectors(caches);

  async function lead(leadership: Leadership): Promise<void> {
    const writer = fenced(client, leadership.isHeld);
    const isBusy = (): boolean => controller.backlog > 0;
    const recorder = createEventRecorder({
      client: writer,
      reportingController: CONTROLLER_NAME,
      reportingInstance: config.POD_NAME,
      isBusy,
      logger,
      metrics,
    });
    const controller: Controller = createController({
      name: 's3proxy',
      primary: caches.s3proxies,
      reconcile: createReconciler({
        client: writer,
        caches,
        recorder,
        isBusy,
        enqueue: (key) => controller.enqueue(key),
        probe:
          config.PROBE_SECONDS === 0
            ? undefined
            : createBucketProbe(new Agent({ connectTimeout: 1_000, keepAliveTimeout: 1_000 })),
        probeMs: config.PROBE_SECONDS * 1_000,
        handoverMs: config.HANDOVER_SECONDS * 1_000,
        proxy: { image: config.PROXY_IMAGE, telemetry: config.PROXY_TELEMETRY },
        operatorNamespace: config.POD_NAMESPACE,
        now: () => new Date(),
      }),
      concurrency: config.CONCURRENCY,
      resyncMs: config.RESYNC_SECONDS * 1_000,
      logger,
      metrics,
    });
    watchSources(controller, caches);
    const evictions = createController({
      name: 'eviction',
      primary: caches.evictions,
      reconcile: createEvictionReconciler(writer, caches, recorder),
      concurrency: 1,
      resyncMs: 0,
      logger,
      metrics,
    });
    // Their changes concern no notice, but they must be known when one is looked at.
    evictions.watch(caches.pods, () => []);
    evictions.watch(caches.s3proxies, () => []);
    await Promise.all([controller.run(leadership.signal), evictions.run(leadership.signal)]);
    await recorder.flush(2_000);
    recorder.close();
  }

  return {
    waitsFor() {
      const waiting = reflectors.filter((reflector) => !reflector.hasSynced());
      return waiting.length === 0
        ? undefined
        : `waiting for the first list of ${waiting.map(({ kind }) => kind.plural).join(', ')}`;
    },
    async run(stop) {
      const ended = new AbortController();
      const reflecting = Promise.all(
        reflectors.map((reflector) => reflector.run(AbortSignal.any([stop, ended.signal]))),
      );
      try {
        return config.LEADER_ELECTION
          ? await runAsLeader(
              {
                client: leaseClient,
                namespace: config.POD_NAMESPACE,
                name: config.LEASE_NAME,
                identity: `${config.POD_NAME}_${randomBytes(4).toString('hex')}`,
                logger,
                metrics,
              },
              lead,
              stop,
            )
          : await lead({ signal: stop, isHeld: () => true }).then(() => 'released' as const);
      } finally {
        ended.abort();
        await reflecting;
        await Promise.all([client.close(), leaseClient.close()]);
      }
    },
  };
}
