import { Gauge, type Registry } from 'prom-client';
import { CONDITION_TYPES, KNOWN_REASONS } from '../api/conditions.ts';
import type { S3Proxy } from '../api/s3proxy.ts';
import type { RuntimeMetrics } from '../kube/metrics.ts';
import type { Store } from '../kube/store.ts';

/** Stands for a reason that is not one of ours: what a proxy of another version, or somebody's own image, reports. */
const OTHER_REASON = 'Other';

/** Registers a metric that says which version runs, and by being there that one runs at all. */
export function registerBuildInfo(registry: Registry, version: string): void {
  const info = new Gauge({
    name: 's3proxy_operator_build_info',
    help: 'Always 1; the label says which version of the operator this is.',
    labelNames: ['version'],
    registers: [registry],
  });
  info.set({ version }, 1);
}

/**
 * Registers what Prometheus learns of each S3Proxy: whether it is ready, its conditions, when its certificate expires and how far its
 * status is behind its spec. Read from the cache when it is asked for, so there is nothing to keep up to date, an S3Proxy that is gone
 * is gone here too, and every replica tells the same. At most six series an S3Proxy.
 */
export function registerS3ProxyMetrics(
  { registry, samplers }: Pick<RuntimeMetrics, 'registry' | 'samplers'>,
  s3proxies: Pick<Store<S3Proxy>, 'list'>,
): void {
  const registers = [registry];
  const ready = new Gauge({
    name: 's3proxy_ready',
    help: 'Whether the S3Proxy is ready: 1 or 0.',
    labelNames: ['namespace', 'name'],
    registers,
  });
  const condition = new Gauge({
    name: 's3proxy_condition',
    help: 'Always 1: a condition that the S3Proxy has, with its status and reason.',
    labelNames: ['namespace', 'name', 'type', 'status', 'reason'],
    registers,
  });
  const expiration = new Gauge({
    name: 's3proxy_certificate_expiration_timestamp_seconds',
    help: "When the certificate that the S3Proxy's Ingress serves expires, in seconds since 1970.",
    labelNames: ['namespace', 'name'],
    registers,
  });
  const lag = new Gauge({
    name: 's3proxy_generation_lag',
    help: 'Changes of the spec that the operator has not acted on yet.',
    labelNames: ['namespace', 'name'],
    registers,
  });

  samplers.add(() => {
    for (const gauge of [ready, condition, expiration, lag]) gauge.reset();
    for (const { metadata, status } of s3proxies.list()) {
      const labels = { namespace: metadata.namespace ?? '', name: metadata.name };
      const conditions = status?.conditions ?? [];
      const isReady = conditions.some(
        (each) => each.type === CONDITION_TYPES.ready && each.status === 'True',
      );
      ready.set(labels, isReady ? 1 : 0);
      for (const { type, status, reason } of conditions) {
        const known = KNOWN_REASONS.has(reason) ? reason : OTHER_REASON;
        condition.set({ ...labels, type, status, reason: known }, 1);
      }
      const expires = Date.parse(status?.tlsNotAfter ?? '');
      if (!Number.isNaN(expires)) expiration.set(labels, expires / 1000);
      lag.set(labels, Math.max(0, (metadata.generation ?? 0) - (status?.observedGeneration ?? 0)));
    }
  });
}
