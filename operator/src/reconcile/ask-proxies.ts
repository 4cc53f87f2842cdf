import type { BucketReport } from '@s3proxy/proxy/report';
import type { ObjectKey } from '../kube/objects.ts';
import { advised } from './bucket-advice.ts';
import { type BucketProbe, worstReport } from './bucket-probe.ts';
import { BY_INSTANCE, type Caches } from './caches.ts';

/** Pods asked at a time: of a large S3Proxy a few speak for all. */
const LARGEST_SAMPLE = 5;

/** What the proxies of an S3Proxy say of their bucket; undefined when there are none, or none answers. */
export async function askProxies(
  probe: BucketProbe,
  pods: Caches['pods'],
  key: ObjectKey,
  signal: AbortSignal,
): Promise<BucketReport | undefined> {
  const addresses = pods.store
    .index(BY_INSTANCE, key)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    // The newest first: they have the newest credentials and bucket name.
    .toSorted((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))
    .map(({ status }) => status?.podIP)
    .filter((podIP) => podIP !== undefined)
    .slice(0, LARGEST_SAMPLE);
  const worst = worstReport(await Promise.all(addresses.map((podIP) => probe(podIP, signal))));
  return worst === undefined ? undefined : advised(worst);
}
