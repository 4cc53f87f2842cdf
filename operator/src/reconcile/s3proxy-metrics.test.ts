import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { S3Proxy } from '../api/s3proxy.ts';
import type { S3ProxyStatus } from '../api/status.ts';
import { createRuntimeMetrics } from '../kube/metrics.ts';
import { s3proxyObject } from '../resources/testing/s3proxy.ts';
import { registerBuildInfo, registerS3ProxyMetrics } from './s3proxy-metrics.ts';

const NOON = '2027-01-01T12:00:00Z';

function s3proxy(name: string, status?: S3ProxyStatus, generation = 1): S3Proxy {
  const object = s3proxyObject({}, name);
  return { ...object, metadata: { ...object.metadata, generation }, ...(status !== undefined && { status }) };
}

function condition(type: string, status: 'True' | 'False' | 'Unknown', reason: string) {
  return { type, status, reason, message: 'Because.', lastTransitionTime: NOON };
}

/** Scrapes the S3Proxies that `objects` gives; the lines of our own metrics. */
function scraper(objects: () => S3Proxy[]): () => Promise<string[]> {
  const metrics = createRuntimeMetrics(new Registry());
  registerS3ProxyMetrics(metrics, { list: objects });
  return async () =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('s3proxy_'));
}

test('a ready S3Proxy', async () => {
  const status: S3ProxyStatus = {
    observedGeneration: 4,
    conditions: [condition('Ready', 'True', 'Available'), condition('BucketReachable', 'True', 'Reachable')],
    tlsNotAfter: NOON,
  };
  const labels = 'namespace="web",name="photos"';
  expect(await scraper(() => [s3proxy('photos', status, 4)])()).toEqual([
    `s3proxy_ready{${labels}} 1`,
    `s3proxy_condition{${labels},type="Ready",status="True",reason="Available"} 1`,
    `s3proxy_condition{${labels},type="BucketReachable",status="True",reason="Reachable"} 1`,
    `s3proxy_certificate_expiration_timestamp_seconds{${labels}} ${Date.parse(NOON) / 1000}`,
    `s3proxy_generation_lag{${labels}} 0`,
  ]);
});

test('one that nobody has looked at is not ready, and behind by each of its changes', async () => {
  expect(await scraper(() => [s3proxy('photos', undefined, 3)])()).toEqual([
    's3proxy_ready{namespace="web",name="photos"} 0',
    's3proxy_generation_lag{namespace="web",name="photos"} 3',
  ]);
});

test('a reason that is not ours makes no label of its own', async () => {
  const status: S3ProxyStatus = { conditions: [condition('BucketReachable', 'False', 'Invented42')] };
  const [, line] = await scraper(() => [s3proxy('photos', status)])();
  expect(line).toContain('reason="Other"');
});

test('each scrape says what is there then, and nothing of what is gone', async () => {
  let objects = [s3proxy('photos', { conditions: [condition('Stalled', 'True', 'SecretNotFound')] })];
  const scrape = scraper(() => objects);
  expect((await scrape()).join()).toContain('reason="SecretNotFound"');
  objects = [s3proxy('photos', { conditions: [condition('Ready', 'True', 'Available')] }), s3proxy('films')];
  const lines = (await scrape()).join('\n');
  expect(lines).not.toContain('SecretNotFound');
  expect(lines).toContain('name="films"');
  objects = [];
  expect(await scrape()).toEqual([]);
});

test('an operator says its version, S3Proxies or not', async () => {
  const registry = new Registry();
  registerBuildInfo(registry, '1.2.3');
  expect(await registry.metrics()).toContain('s3proxy_operator_build_info{version="1.2.3"} 1');
});
