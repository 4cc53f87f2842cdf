import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const WORK_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The runtime's metrics, under the names that client-go, workqueue and controller-runtime use: dashboards for those fit. */
export interface RuntimeMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'code' | 'method'>;
  readonly requestSeconds: Histogram<'verb'>;
  readonly queueDepth: Gauge<'name'>;
  readonly queueAdds: Counter<'name'>;
  readonly queueSeconds: Histogram<'name'>;
  readonly workSeconds: Histogram<'name'>;
  readonly queueRetries: Counter<'name'>;
  readonly unfinishedWorkSeconds: Gauge<'name'>;
  readonly longestRunningSeconds: Gauge<'name'>;
  readonly reconciles: Counter<'controller' | 'result'>;
  readonly reconcileErrors: Counter<'controller'>;
  readonly terminalErrors: Counter<'controller'>;
  readonly reconcileSeconds: Histogram<'controller'>;
  readonly activeWorkers: Gauge<'controller'>;
  readonly maxConcurrentReconciles: Gauge<'controller'>;
  readonly leader: Gauge<'name'>;
  readonly watchRestarts: Counter<'resource' | 'cause'>;
  readonly cachedObjects: Gauge<'resource'>;
  readonly events: Counter<'type' | 'outcome'>;
  /** Called before each scrape, to set gauges that are only worth computing then. */
  readonly samplers: Set<() => void>;
}

/** Registers the metrics. Call once for each registry: a second call throws, as prom-client does for a name taken. */
export function createRuntimeMetrics(registry: Registry = new Registry()): RuntimeMetrics {
  const registers = [registry];
  const samplers = new Set<() => void>();
  return {
    registry,
    samplers,
    requests: new Counter({
      name: 'rest_client_requests_total',
      help: 'HTTP requests to the API server, by status code (<error> when none was read) and method.',
      labelNames: ['code', 'method'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Time from sending a request to reading its whole answer, watches excepted.',
      labelNames: ['verb'],
      buckets: WORK_BUCKETS,
      registers,
    }),
    queueDepth: new Gauge({
      name: 'workqueue_depth',
      help: 'Keys waiting for a worker.',
      labelNames: ['name'],
      registers,
      // The first of the sampled gauges in the registry's order, thus before the others are read.
      collect() {
        for (const sample of samplers) sample();
      },
    }),
    queueAdds: new Counter({
      name: 'workqueue_adds_total',
      help: 'Keys added to the queue.',
      labelNames: ['name'],
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'Time a key waits for a worker.',
      labelNames: ['name'],
      buckets: WORK_BUCKETS,
      registers,
    }),
    workSeconds: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'Time a worker spends on a key.',
      labelNames: ['name'],
      buckets: WORK_BUCKETS,
      registers,
    }),
    queueRetries: new Counter({
      name: 'workqueue_retries_total',
      help: 'Keys queued again after a failure.',
      labelNames: ['name'],
      registers,
    }),
    unfinishedWorkSeconds: new Gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'Seconds of work under way, summed over workers. Steady growth means stuck workers.',
      labelNames: ['name'],
      registers,
    }),
    longestRunningSeconds: new Gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'Seconds the longest running worker has been busy with its key.',
      labelNames: ['name'],
      registers,
    }),
    reconciles: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles by result: success, requeue_after or error.',
      labelNames: ['controller', 'result'],
      registers,
    }),
    reconcileErrors: new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Reconciles that failed.',
      labelNames: ['controller'],
      registers,
    }),
    terminalErrors: new Counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Reconciles that failed in a way only a change can mend.',
      labelNames: ['controller'],
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Duration of a reconcile.',
      labelNames: ['controller'],
      buckets: WORK_BUCKETS,
      registers,
    }),
    activeWorkers: new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Workers busy now.',
      labelNames: ['controller'],
      registers,
    }),
    maxConcurrentReconciles: new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Workers there are.',
      labelNames: ['controller'],
      registers,
    }),
    leader: new Gauge({
      name: 'leader_election_master_status',
      help: '1 while this process holds the Lease.',
      labelNames: ['name'],
      registers,
    }),
    watchRestarts: new Counter({
      name: 'kube_watch_restarts_total',
      help: 'Watches started anew, by cause: ended (as agreed), error (resumed), relist (too old).',
      labelNames: ['resource', 'cause'],
      registers,
    }),
    cachedObjects: new Gauge({
      name: 'kube_cached_objects',
      help: 'Objects held in memory.',
      labelNames: ['resource'],
      registers,
    }),
    events: new Counter({
      name: 'kube_events_total',
      help: 'Events for users, by type and outcome: written, merged (counted in an earlier one), dropped.',
      labelNames: ['type', 'outcome'],
      registers,
    }),
  };
}
