import { Agent, request } from 'node:http';
import { expect } from 'vitest';
import { totalOf } from '../../bench/race/prometheus.ts';
import { eventually } from '../eventually.ts';
import type { Outcome } from './download.ts';
import { type Figures, saveFigures } from './figures.ts';
import type { ProxyProcess } from './proxy-process.ts';

/** A pod's limit by default, in bytes. Node does not hurry to give memory back while there is plenty, as here. */
export const LARGEST_RSS = 256 * 2 ** 20;

/** Longer than any limit of the proxy that the tests set, so that what is left afterwards stays. */
const REST_MS = 30_000;

/** Successes that fill the proxy's budget for retries again, whatever a group took from it. They also give the garbage collector something to do. */
const CALM_REQUESTS = 1_000;

export interface Setting {
  proxy: ProxyProcess;
  /** Port at which the proxy sees the store. */
  storePort: number;
  /** Path of an object that is there. */
  calmPath: string;
  /** Ends all faults. */
  heal(): Promise<void>;
}

/**
 * Runs a group of requests; then waits until the proxy is at rest, which is part of what is tested: no connection to the store is busy, no request
 * waits for one, none is open that the proxy does not know of, and memory is what it should be.
 */
export async function measure(
  name: string,
  setting: Setting,
  work: (record: (outcome: Outcome) => void) => Promise<unknown>,
): Promise<Figures> {
  const { proxy } = setting;
  const before = await observe(setting);
  const counts = { requests: 0, whole: 0, aborted: 0 };
  const statuses: Record<string, number> = {};
  const result = await work((outcome) => {
    counts.requests += 1;
    if (outcome.kind === 'status') statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
    else counts[outcome.kind] += 1;
  });
  await rest(setting);
  await setting.heal();
  await calm(setting);
  await rest(setting);
  const after = await observe(setting);
  expect(after.rss).toBeLessThan(LARGEST_RSS);
  expect(proxy.isAlive()).toBe(true);
  const figures: Figures = {
    name,
    ...counts,
    statuses,
    resumedBodies: after.resumed - before.resumed,
    rssBefore: before.rss,
    rssAfter: after.rss,
    socketsBefore: before.sockets,
    socketsAfter: after.sockets,
    ...(typeof result === 'string' && { note: result }),
  };
  await saveFigures(figures);
  return figures;
}

/** Ordinary requests, a few at a time. The first ones may still meet what was wrong. */
async function calm({ proxy, calmPath }: Setting): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const head = () =>
    new Promise<boolean>((resolve) => {
      const options = { host: '127.0.0.1', port: proxy.port, path: calmPath, method: 'HEAD', agent };
      request(options, (response) =>
        response.resume().once('end', () => resolve(response.statusCode === 200)),
      )
        .once('error', () => resolve(false))
        .end();
    });
  try {
    await eventually('requests to succeed again', REST_MS, head);
    const answers = await Promise.all(Array.from({ length: CALM_REQUESTS }, head));
    expect(answers.every(Boolean)).toBe(true);
  } finally {
    agent.destroy();
  }
}

/** Waits until the proxy works on nothing. */
async function rest({ proxy, storePort }: Setting): Promise<void> {
  let seen = '';
  await eventually('the proxy to come to rest', REST_MS, async () => {
    const pool = await proxy.pool();
    const sockets = await proxy.connectionsTo(storePort);
    seen = `${JSON.stringify(pool)}, ${sockets} sockets`;
    return pool.busy === 0 && pool.queued === 0 && sockets === pool.idle;
  }).catch((cause: unknown) => {
    throw new Error(`not at rest: ${seen}`, { cause });
  });
}

async function observe({ proxy, storePort }: Setting) {
  const metrics = await proxy.metrics();
  return {
    resumed: totalOf(metrics, 's3proxy_store_resumed_bodies_total'),
    rss: (await proxy.memory()).rss,
    sockets: await proxy.connectionsTo(storePort),
  };
}
