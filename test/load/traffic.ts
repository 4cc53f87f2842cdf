import { setTimeout as sleep } from 'node:timers/promises';
import type { Published } from './published.ts';
import { startVisitor, type Visit } from './visitor.ts';
import { startWrk, type WrkReport } from './wrk.ts';

/** What everybody who wanted something saw while something was done. */
export interface Traffic {
  wrk: WrkReport;
  /** By a client that verifies certificates and bytes, on a new connection each time. */
  visits: readonly Visit[];
}

export interface Audience {
  /** "user:password" */
  auth: string;
  /** Of /1.jpg, in hex. */
  sha256: string;
}

/** Bounded, so that a machine of two cores has some of them left for what is tested: at most 800 requests a second. */
const CONNECTIONS = 16;
const PAUSE_MS = 20;
/** Requests before and after what is done. */
const MARGIN_MS = 5_000;

/** Runs `work` under load. The load lasts at least `seconds`, and goes on for a while after the work. */
export async function underLoad(
  published: Published,
  { auth, sha256 }: Audience,
  seconds: number,
  work: () => Promise<void>,
): Promise<Traffic> {
  const begun = performance.now();
  const { host, address } = published;
  const wrk = await startWrk({ host, address, auth, connections: CONNECTIONS, pauseMs: PAUSE_MS });
  const visitor = startVisitor(published.http, '/1.jpg', auth, sha256);
  let traffic: Traffic;
  try {
    await sleep(MARGIN_MS);
    await work();
    await sleep(Math.max(MARGIN_MS, seconds * 1_000 - (performance.now() - begun)));
  } finally {
    traffic = { wrk: await wrk.stop(), visits: await visitor.stop() };
    tell(traffic);
  }
  return traffic;
}

function tell({ wrk, visits }: Traffic): void {
  const counts = Object.entries(wrk.statuses).map(([status, count]) => `${count} × ${status}`);
  const broken = Object.entries(wrk.broken).filter(([, count]) => count > 0);
  console.log(
    `${wrk.seconds.toFixed(0)} s: ${counts.join(', ')}; broken: ${JSON.stringify(Object.fromEntries(broken))}; ` +
      `p50 ${wrk.p50Ms} ms, p99 ${wrk.p99Ms} ms, longest ${wrk.maxMs} ms; ${visits.length} visits, failed: ` +
      JSON.stringify(failedVisits(visits)),
  );
}

export function failedVisits(visits: readonly Visit[]): readonly Visit[] {
  return visits.filter(({ outcome }) => outcome !== '200');
}
