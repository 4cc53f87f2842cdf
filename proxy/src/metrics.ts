import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const DURATION_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The proxy's Prometheus metrics. No label has values that a client can choose. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: 's3proxy_http_requests_total',
      help: 'Requests answered, by method (GET, HEAD, OPTIONS, other) and status code.',
      labelNames: ['method', 'code'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 's3proxy_http_request_duration_seconds',
      help: 'Time from request to the last byte handed over.',
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
      help: 'Responses that the client did not wait for.',
      registers,
    }),
    storeCalls: new Counter({
      name: 's3proxy_store_requests_total',
      help: 'Requests to the object store, by result: ok or the kind of failure.',
      labelNames: ['result'] as const,
      registers,
    }),
    bucketReachable: new Gauge({
      name: 's3proxy_bucket_reachable',
      help: 'What the last probe of the bucket said: 1 reachable, 0 not, -1 unknown.',
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
