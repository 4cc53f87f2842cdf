import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { TalliedCounter, TalliedHistogram, type Tally } from './tally.ts';

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
  const requests = new TalliedCounter({
    name: 's3proxy_http_requests_total',
    help: 'Requests answered, by method (GET, HEAD, OPTIONS, other) and status code.',
    labelNames: ['method', 'code'],
    registers,
  });
  const duration = new TalliedHistogram({
    name: 's3proxy_http_request_duration_seconds',
    help: 'Time from a request to the last byte of its answer, by method.',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const timeToFirstByte = new TalliedHistogram({
    name: 's3proxy_http_time_to_first_byte_seconds',
    help: 'Time from a request to the headers of its answer, by method.',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const sentBytes = new TalliedCounter({
    name: 's3proxy_http_sent_bytes_total',
    help: 'Bytes sent to clients, headers included.',
    labelNames: [],
    registers,
  });
  const storeRequests = new TalliedCounter({
    name: 's3proxy_store_requests_total',
    help: 'Requests to the object store, retries included, by result: ok or the kind of failure.',
    labelNames: ['result'],
    registers,
  });
  const cacheRequests = new TalliedCounter({
    name: 's3proxy_cache_requests_total',
    help: 'Look-ups in the memory cache, by result: hit, stale, miss, revalidated, bypass.',
    labelNames: ['result'],
    registers,
  });
  const forMethod = (method: string) => ({
    answers: eachValue((code: number) => requests.tally({ method, code })),
    duration: duration.distribution({ method }),
    timeToFirstByte: timeToFirstByte.distribution({ method }),
  });
  const other = forMethod('other');
  const methods = new Map(['GET', 'HEAD', 'OPTIONS'].map((method) => [method, forMethod(method)]));
  return {
    /** What is counted for each answer to such a request. */
    ofMethod: (method: string | undefined) => (method === undefined ? other : (methods.get(method) ?? other)),
    sentBytes: sentBytes.tally({}),
    aborts: new Counter({
      name: 's3proxy_http_client_aborts_total',
      help: 'Answers that the client did not wait for.',
      registers,
    }),
    storeRequests: eachValue((result: string) => storeRequests.tally({ result })),
    resumedBodies: new Counter({
      name: 's3proxy_store_resumed_bodies_total',
      help: 'Bodies from the object store that broke off and were continued.',
      registers,
    }),
    cacheRequests: eachValue((result: string) => cacheRequests.tally({ result })),
  };
}

/** One tally for each value of a label, made when it is first needed. */
function eachValue<Value>(make: (value: Value) => Tally): (value: Value) => Tally {
  const tallies = new Map<Value, Tally>();
  return (value) => {
    let tally = tallies.get(value);
    if (!tally) {
      tally = make(value);
      tallies.set(value, tally);
    }
    return tally;
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
