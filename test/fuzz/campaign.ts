import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { type ProxyProcess, startProxy } from '../faults/proxy-process.ts';
import { startStore } from '../s3/store.ts';
import { type FuzzOptions, type FuzzReport, fuzz } from './fuzz.ts';
import { startS3StandIn } from './s3-stand-in.ts';
import { createSite, type Site } from './site.ts';
import { startStoreRelay } from './store-relay.ts';

/** One proxy and one store to be fuzzed. */
export interface Front {
  name: string;
  /** Share of all requests. */
  share: number;
  store: 'stand-in' | 'versitygw';
  content: object;
}

/** Every feature that makes more of a request than its path. */
const ALL_FEATURES = {
  indexDocument: 'index.html',
  errorDocument: 'known.txt',
  directoryListing: true,
  cacheControl: [{ match: '**/*.png', value: 'public, max-age=60' }],
  cors: { allowOrigins: ['https://a.example'], allowHeaders: ['range'] },
  headers: [{ name: 'X-Frame-Options', value: 'DENY' }],
  metadata: ['color'],
  download: ['**/*.png'],
  precompressed: {},
  websiteRedirects: true,
};

/** Most requests go where they are fast. The real server takes keys for file names, which S3 does not. */
export const FRONTS: readonly Front[] = [
  { name: 'paths are keys', share: 0.75, store: 'stand-in', content: {} },
  { name: 'every content feature', share: 0.15, store: 'stand-in', content: ALL_FEATURES },
  { name: 'every content feature, real S3 server', share: 0.1, store: 'versitygw', content: ALL_FEATURES },
];

/** What came of one front. */
export interface FrontReport extends FuzzReport {
  name: string;
  /** Faults beyond single answers: a crash, an error in the log, a request that the store should not have got. */
  complaints: string[];
  rssBefore: number;
  rssAfter: number;
  /** Connections to the store. */
  socketsBefore: number;
  socketsAfter: number;
}

export interface CampaignOptions extends Pick<FuzzOptions, 'requests' | 'seconds' | 'seed'> {
  /** Takes logs and data. */
  directory: string;
  /** Processes of the proxy that serve; 0: one per core. */
  workers: number;
  onProgress?: (front: Front, report: FuzzReport) => void;
}

/** Fuzzes one front after the other. */
export async function runCampaign(options: CampaignOptions): Promise<FrontReport[]> {
  const reports: FrontReport[] = [];
  for (const front of FRONTS) {
    const { requests, seconds } = options;
    const share = { requests: Math.ceil(requests * front.share), seconds: seconds * front.share };
    reports.push(await runFront(front, { ...options, ...share }));
  }
  return reports;
}

/** Fuzzes one front, with a proxy and a store of its own. */
export async function runFront(front: Front, options: CampaignOptions): Promise<FrontReport> {
  const site = createSite();
  const running: { stop(): Promise<void> }[] = [];
  try {
    const store = await startFuzzedStore(front, site, running);
    const proxy = await startProxy(options.directory, {
      ...store.environment,
      S3_PREFIX: site.prefix,
      CONTENT_CONFIG: JSON.stringify(front.content),
      ACCESS_LOG: 'false',
      WORKERS: String(options.workers),
    });
    running.push(proxy);
    const { rss: rssBefore } = await proxy.memory();
    const socketsBefore = await proxy.connectionsTo(store.port);
    const report = await fuzz({
      port: proxy.port,
      requests: options.requests,
      seconds: options.seconds,
      seed: options.seed,
      paths: site.paths,
      secrets: [...site.secrets, ...store.secrets],
      storeFailures: store.failures,
      onProgress: (progress) => options.onProgress?.(front, progress),
    });
    const complaints = [...store.complaints, ...(await complaintsAbout(proxy))];
    const { rss: rssAfter } = proxy.isAlive() ? await proxy.memory() : { rss: 0 };
    const socketsAfter = proxy.isAlive() ? await proxy.connectionsTo(store.port) : 0;
    return { ...report, name: front.name, complaints, rssBefore, rssAfter, socketsBefore, socketsAfter };
  } finally {
    for (const each of running.reverse()) await each.stop();
  }
}

/** A store as the campaign sees it. */
interface FuzzedStore {
  /** Where the proxy finds it, on loopback. */
  port: number;
  environment: Record<string, string>;
  secrets: readonly string[];
  complaints: readonly string[];
  /** Answers with a 5xx so far. */
  failures: () => number;
}

async function startFuzzedStore(
  front: Front,
  site: Site,
  running: { stop(): Promise<void> }[],
): Promise<FuzzedStore> {
  if (front.store === 'stand-in') {
    const standIn = await startS3StandIn(site);
    running.push(standIn);
    const environment = {
      S3_BUCKET: site.bucket,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${standIn.port}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const { port } = standIn;
    return { port, environment, secrets: standIn.secrets, complaints: standIn.complaints, failures: () => 0 };
  }
  const server = await startStore();
  running.push(server);
  // A file system has no names with an empty segment.
  for (const [key, body] of site.objects) if (!key.includes('//')) await server.put(key, body);
  const relay = await startStoreRelay(server.port);
  running.push(relay);
  const { environment, bucket, port } = server;
  return {
    port: relay.port,
    environment: { ...environment, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${relay.port}` },
    secrets: [bucket, `127.0.0.1:${relay.port}`, `127.0.0.1:${port}`],
    complaints: [],
    failures: relay.failures,
  };
}

/** How long a proxy that is about to end may take for it. */
const SETTLE_MS = 500;
/** Shorter than the proxy's own limits: requests whose clients are gone end at once. */
const REST_MS = 10_000;

async function complaintsAbout(proxy: ProxyProcess): Promise<string[]> {
  await sleep(SETTLE_MS);
  const complaints: string[] = [];
  if (proxy.isAlive()) {
    await eventually('the proxy to come to rest', REST_MS, async () => {
      const { busy, queued } = await proxy.pool();
      return busy === 0 && queued === 0;
    }).catch((error: Error) => complaints.push(error.message));
  } else {
    complaints.push('the proxy has ended');
  }
  // Warnings are about the store's state; what is worse is a defect.
  const log = await proxy.log();
  const lines = log.split('\n').filter((line) => line !== '' && !/^\{"level":(?:[1-4]0)\b/.test(line));
  complaints.push(...lines.slice(0, 20).map((line) => `the log: ${line.slice(0, 1_000)}`));
  return complaints;
}
