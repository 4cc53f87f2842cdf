import { collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import { createRuntimeMetrics } from '../../operator/src/kube/metrics.ts';
import { registerBuildInfo, registerS3ProxyMetrics } from '../../operator/src/reconcile/s3proxy-metrics.ts';
import { createBucketGauge, createMetrics } from '../../proxy/src/metrics.ts';

const metricSchema = z.object({
  name: z.string(),
  type: z.string(),
  labelNames: z.array(z.string()).optional(),
});

/** Names of the series that a registry exposes, with the labels that each may have. */
function seriesOf(registry: Registry): [name: string, labels: readonly string[]][] {
  return registry.getMetricsAsArray().flatMap((metric) => {
    const { name, type, labelNames = [] } = metricSchema.parse(metric);
    const counts: [string, string[]][] = [
      [`${name}_count`, labelNames],
      [`${name}_sum`, labelNames],
    ];
    if (type === 'histogram') return [[`${name}_bucket`, [...labelNames, 'le']], ...counts];
    return type === 'summary' ? [[name, [...labelNames, 'quantile']], ...counts] : [[name, labelNames]];
  });
}

/** Every series that operator and proxies have to offer, as their own code registers them. */
export function registeredSeries(): ReadonlyMap<string, ReadonlySet<string>> {
  const operator = createRuntimeMetrics(new Registry());
  registerBuildInfo(operator.registry, '0.0.0');
  registerS3ProxyMetrics(operator, { list: () => [] });
  collectDefaultMetrics({ register: operator.registry });
  const proxy = new Registry();
  createMetrics(proxy, {
    pool: () => ({ open: 0, idle: 0, queued: 0 }),
    cache: () => ({ objects: 0, bytes: 0 }),
  });
  createBucketGauge(proxy);
  const series = new Map<string, Set<string>>();
  for (const [name, labels] of [...seriesOf(operator.registry), ...seriesOf(proxy)]) {
    series.set(name, new Set([...(series.get(name) ?? []), ...labels]));
  }
  return series;
}
