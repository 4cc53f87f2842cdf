import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ProxyConfig } from './config.ts';
import { encodePath } from './http/percent-encoding.ts';
import { createBucketGauge } from './metrics.ts';
import { keepProbing, type Readiness } from './readiness.ts';
import { probeBucket } from './s3/probe.ts';
import type { StoreClient } from './s3/store-client.ts';

const GAUGE_VALUE = { True: 1, False: 0, Unknown: -1 } as const;

/** Probes the bucket until the signal, and tells readiness, metrics and log. */
export function watchBucket(
  config: ProxyConfig,
  client: StoreClient,
  readiness: Readiness,
  { log, registry }: { log: Logger; registry: Registry },
  signal: AbortSignal,
): void {
  const gauge = createBucketGauge(registry);
  const prefix = encodePath(config.S3_PREFIX);
  void keepProbing(
    () => probeBucket(client, prefix),
    (bucket) => {
      const before = readiness.report().bucket.reason;
      readiness.record(bucket);
      gauge.set(GAUGE_VALUE[bucket.reachable]);
      if (before !== bucket.reason)
        log[bucket.reachable === 'True' ? 'info' : 'warn']({ bucket }, 'bucket probed');
    },
    signal,
  );
}
