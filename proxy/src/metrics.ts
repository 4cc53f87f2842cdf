import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

const DURATION_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What the metrics are read from when they are asked for, rather than being told. */
export interface MetricSources {
  pool(): { open: number; idle: number; queued: number };
  cache(): { objects: number; bytes: number };
}

/** The proxy's Prometheus metrics. No label has values that a client can choose. */
export function createMetrics(registry: Registry, sources: MetricSources) {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 's3proxy_store_connections',
    help: 'Connections to the object store, by state: busy or idle.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const { open, idle } = sources.pool();
      this.set({ state: 'busy' }, open - idle);
      this.set({ state: 'idle' }, idle);
    },
  });
  new Gauge({
    name: 's3proxy_store_queued_requests',
    help: 'Requests that wait for a connection to the object store.',
    registers,
    collect() {
      this.set(sources.pool().queued);
    },
  });
  new Gauge({
    name: 's3proxy_cache_objects',
    help: 'Objects in the memory cache.',
    registers,
    collect() {
      this.set(sources.cache().objects);
    },
  });
  new Gauge({
    name: 's3proxy_cache_bytes',
    help: 'Bytes of objects in the memory cache.',
    registers,
    collect() {
      this.set(sources.cache().bytes);
    },
  });
  return {
    requests: new Counter({
      name: 's3proxy_http_requests_total',
      help: 'Requests answered, by method (GET, HEAD, OPTIONS, other) and status code.',
      labelNames: ['method', 'code'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 's3proxy_http_request_duration_seconds',
      help: 'Time from a request to the last byte of its answer, by method.',
      labelNames: ['method'] as const,
      buckets: DURATION_BUCKETS,
      registers,
    }),
    timeToFirstByte: new Histogram({
      name: 's3proxy_http_time_to_first_byte_seconds',
      help: 'Time from a request to the headers of its answer, by method.',
      labelNames: ['method'] as const,
      buckets: DURATION_BUCKETS,
      registers,
    }),
    sentBytes: new Counter({
      name: 's3proxy_http_sent_bytes_total',
      help: 'Bytes sent to clients, headers included.',
      registers,
    }),
    aborts: new Counter({
      name: 's3proxy_http_client_aborts_total',
      help: 'Answers that the client did not wait for.',
      registers,
    }),
    storeRequests: new Counter({
      name: 's3proxy_store_requests_total',
      help: 'Requests to the object store, retries included, by result: ok or the kind of failure.',
      labelNames: ['result'] as const,
      registers,
    }),
    resumedBodies: new Counter({
      name: 's3proxy_store_resumed_bodies_total',
      help: 'Bodies from the object store that broke off and were continued.',
      registers,
    }),
    cacheRequests: new Counter({
      name: 's3proxy_cache_requests_total',
      help: 'Look-ups in the memory cache, by result: hit, stale, miss, revalidated, bypass.',
      labelNames: ['result'] as const,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** The probe's own metric; with several processes it belongs to the one that probes. */
export function createBucketGauge(registry: Registry) {
  return new Gauge({
    name: 's3proxy_bucket_reachable',
    help: 'What the last probe of the bucket said: 1 reachable, 0 not, -1 unknown.',
    registers: [registry],
  });
}
