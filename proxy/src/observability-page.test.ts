import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { tracingVariables } from './tracing/settings.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/observability.md'), 'utf8');

test('docs/observability.md has every metric and every variable of traces', async () => {
  const registry = new Registry();
  createMetrics(registry, {
    pool: () => ({ open: 0, idle: 0, queued: 0 }),
    cache: () => ({ objects: 0, bytes: 0 }),
  });
  const metrics = (await registry.getMetricsAsJSON())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('s3proxy_'));
  expect(metrics.length).toBeGreaterThan(10);
  for (const name of [...metrics, ...tracingVariables]) expect(page).toContain(`\`${name}\``);
});
